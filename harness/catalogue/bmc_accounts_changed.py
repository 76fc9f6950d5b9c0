"""Accounts of the BMC are made, changed or deleted. Twin: somebody logs in."""

from harness.catalogue.planting import requests
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.planting.requests import Request
from harness.catalogue.trial import rules

RULE = rules.BMC_ALLOW_LIST
FORMS = {
    "made": Request("POST /redfish/v1/AccountService/Accounts", {"UserName": "intruder", "Password": "***"}),
    "deleted": Request("DELETE /redfish/v1/AccountService/Accounts/3"),
    "password": Request("PATCH /redfish/v1/AccountService/Accounts/2", {"Password": "***"}),
    "IPMI user": Request("POST /ipmi/App/SetUserPassword"),
}

HARMLESS = {
    "login": Request("POST /redfish/v1/SessionService/Sessions", {"UserName": "admin", "Password": "***"}, 201),
}
VARIANTS = tuple(FORMS)
TWINS = tuple(HARMLESS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    by = requests.THIRD_PARTY
    requests.ask(draft, by, FORMS[draft.variant])
    return not_passes("bmc_untouched", hosts=[draft.host.name], actor=by.words)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    requests.ask(draft, requests.THIRD_PARTY, HARMLESS[draft.variant])
