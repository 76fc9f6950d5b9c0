"""The destination's Ironic inserts media, also by vendors' own actions. Twin: media are ejected, or a PATCH takes them out."""

from harness.catalogue.planting import readings, requests
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.requests import Request
from harness.catalogue.trial import rules

RULE = rules.BMC_ALLOW_LIST
FORMS = {
    "standard action": Request(
        "POST {manager}/VirtualMedia/Cd/Actions/VirtualMedia.InsertMedia", {"Image": "http://192.0.2.1/ipa.iso"}
    ),
    "by PATCH": Request("PATCH {manager}/VirtualMedia/Cd", {"Image": "http://192.0.2.1/ipa.iso", "Inserted": True}),
    "HPE": Request(
        "POST {manager}/VirtualMedia/2/Actions/Oem/Hpe/HpeiLOVirtualMedia.InsertVirtualMedia",
        {"Image": "http://192.0.2.1/ipa.iso"},
    ),
    "Supermicro": Request(
        "POST {manager}/VirtualMedia/VirtualMedia1/Actions/IsoConfig.Mount", {"Host": "192.0.2.1", "Path": "/ipa.iso"}
    ),
    "Dell": Request("POST {manager}/Actions/Oem/DellVirtualMediaService.ConnectNetworkISOImage", {"ShareName": "x"}),
}

HARMLESS = {
    "ejected": Request("POST {manager}/VirtualMedia/Cd/Actions/VirtualMedia.EjectMedia", {}, 204),
    "taken out by PATCH": Request("PATCH {manager}/VirtualMedia/Cd", {"Inserted": False, "Image": None}, 204),
}
VARIANTS = tuple(FORMS)
TWINS = tuple(HARMLESS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    by = requests.ironic_of(draft, draft.run.destination)
    requests.ask(draft, by, FORMS[draft.variant])
    readings.rewrite(draft, readings.with_media("http://192.0.2.1/ipa.iso"))
    return fails("bmc_untouched", hosts=[draft.host.name], actor=by.words)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    requests.ask(draft, requests.ironic_of(draft, draft.run.destination), HARMLESS[draft.variant])
