"""The destination's Ironic sets the next boot to network, media, UEFI target or HTTP; the server has not booted yet.

Twin: the next boot is set to the disk, to none, or is disabled.
"""

from harness.catalogue.planting import readings, requests
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.requests import Request
from harness.catalogue.trial import rules

RULE = rules.BMC_ALLOW_LIST
FORMS = {
    "Pxe by PATCH": Request("PATCH {system}", {"Boot": {"BootSourceOverrideTarget": "Pxe", "BootSourceOverrideEnabled": "Once"}}),
    "Cd by PATCH": Request(
        "PATCH {system}", {"Boot": {"BootSourceOverrideTarget": "Cd", "BootSourceOverrideEnabled": "Continuous"}}
    ),
    "by PUT": Request("PUT {system}", {"Boot": {"BootSourceOverrideTarget": "Pxe", "BootSourceOverrideEnabled": "Once"}}),
    "by settings": Request(
        "PATCH {system}/SD", {"Boot": {"BootSourceOverrideTarget": "Pxe", "BootSourceOverrideEnabled": "Once"}}
    ),
    "BootNext": Request("PATCH {system}", {"Boot": {"BootNext": "Boot0003"}}),
    "UEFI target": Request("PATCH {system}", {"Boot": {"BootSourceOverrideTarget": "UefiTarget"}}),
    "HTTP URI": Request("PATCH {system}", {"Boot": {"HttpBootUri": "http://192.0.2.1/ipa.efi"}}),
}

HARMLESS = {
    "disk": Request(
        "PATCH {system}", {"Boot": {"BootSourceOverrideTarget": "Hdd", "BootSourceOverrideEnabled": "Continuous"}}, 204
    ),
    "none": Request("PATCH {system}", {"Boot": {"BootSourceOverrideTarget": "None"}}, 204),
    "disabled": Request(
        "PATCH {system}", {"Boot": {"BootSourceOverrideEnabled": "Disabled", "BootSourceOverrideTarget": "Pxe"}}, 204
    ),
}
VARIANTS = tuple(FORMS)
TWINS = tuple(HARMLESS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    by = requests.ironic_of(draft, draft.run.destination)
    requests.ask(draft, by, FORMS[draft.variant])
    readings.boot_as_asked(draft, FORMS[draft.variant].body)
    return fails("bmc_untouched", hosts=[draft.host.name], actor=by.words)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    requests.ask(draft, requests.ironic_of(draft, draft.run.destination), HARMLESS[draft.variant])
