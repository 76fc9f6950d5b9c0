"""Disk volumes are made, changed, deleted or reset. Twin: they are read."""

from harness.catalogue.planting import requests
from harness.catalogue.planting.expected import fails
from harness.catalogue.planting.requests import Request
from harness.catalogue.trial import rules

RULE = rules.BMC_ALLOW_LIST
FORMS = {
    "made": Request("POST {system}/Storage/1/Volumes", {"RAIDType": "RAID0"}),
    "changed": Request("PATCH {system}/Storage/1/Volumes/1", {"DisplayName": "x"}),
    "deleted": Request("DELETE {system}/Storage/1/Volumes/1"),
    "initialised": Request("POST {system}/Storage/1/Volumes/1/Actions/Volume.Initialize", {"InitializeType": "Fast"}),
    "storage to defaults": Request("POST {system}/Storage/1/Actions/Storage.ResetToDefaults", {"ResetType": "ResetAll"}),
    "drive erased": Request("POST /redfish/v1/Chassis/1/Drives/1/Actions/Drive.SecureErase", {}),
    "RAID reset": Request("POST {system}/Oem/Dell/DellRaidService/Actions/DellRaidService.ResetConfig", {"TargetFQDD": "RAID.1"}),
    "HPE smart storage": Request("PUT {system}/smartstorageconfig/settings", {"LogicalDrives": [], "DataGuard": "Disabled"}),
}

HARMLESS = {
    "read": Request("GET {system}/Storage/1/Volumes", None, 200),
}
VARIANTS = tuple(FORMS)
TWINS = tuple(HARMLESS)

plant = requests.plant_of(FORMS, fails)
twin = requests.twin_of(HARMLESS)
