"""BIOS settings, password or defaults are written. Twin: they are read."""

from harness.catalogue.planting import requests
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.requests import Request
from harness.catalogue.trial import rules

RULE = rules.BMC_ALLOW_LIST
FORMS = {
    "settings by PATCH": Request("PATCH {system}/Bios/Settings", {"Attributes": {"BootMode": "Bios"}}),
    "settings by PUT": Request("PUT {system}/Bios/Settings", {"Attributes": {"BootMode": "Bios"}}),
    "settings by SD": Request("PATCH {system}/Bios/SD", {"Attributes": {"BootMode": "Bios"}}),
    "defaults": Request("POST {system}/Bios/Actions/Bios.ResetBios", {}),
    "password": Request("POST {system}/Bios/Actions/Bios.ChangePassword", {"PasswordName": "Administrator"}),
}

HARMLESS = {
    "read": Request("GET {system}/Bios", None, 200),
    "refused": Request("PATCH {system}/Bios/Settings", {"Attributes": {}}, 403),
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
