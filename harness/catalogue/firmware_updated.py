"""Firmware is written, by any of the ways that BMCs offer. Twin: the inventory is read."""

from harness.catalogue.planting import requests
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.requests import Request
from harness.catalogue.trial import rules

RULE = rules.BMC_ALLOW_LIST
FORMS = {
    "simple update": Request(
        "POST /redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate", {"ImageURI": "http://192.0.2.1/fw.bin"}
    ),
    "start update": Request("POST /redfish/v1/UpdateService/Actions/UpdateService.StartUpdate", {}),
    "push URI": Request("POST /redfish/v1/UpdateService/update-multipart", "***"),
    "PUT": Request("PUT /redfish/v1/UpdateService/FirmwareInventory", "***"),
    "OpenBMC": Request("POST /redfish/v1/UpdateService", "***"),
}

HARMLESS = {
    "read": Request("GET /redfish/v1/UpdateService/FirmwareInventory", None, 200),
}
VARIANTS = tuple(FORMS)
TWINS = tuple(HARMLESS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    by = requests.THIRD_PARTY
    requests.ask(draft, by, FORMS[draft.variant])
    return fails("bmc_untouched", hosts=[draft.host.name], actor=by.words)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    requests.ask(draft, requests.THIRD_PARTY, HARMLESS[draft.variant])
