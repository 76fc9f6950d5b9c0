"""Firmware is written, by any of the ways that BMCs offer. Twin: the inventory is read."""

from harness.catalogue.planting import requests
from harness.catalogue.planting.expected import fails
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

plant = requests.plant_of(FORMS, fails)
twin = requests.twin_of(HARMLESS)
