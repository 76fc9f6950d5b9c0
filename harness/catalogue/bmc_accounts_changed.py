"""Accounts of the BMC are made, changed or deleted. Twin: somebody logs in."""

from harness.catalogue.planting import requests
from harness.catalogue.planting.expected import not_passes
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

plant = requests.plant_of(FORMS, not_passes)
twin = requests.twin_of(HARMLESS)
