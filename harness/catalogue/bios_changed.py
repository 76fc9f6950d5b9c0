"""BIOS settings, password or defaults are written. Twin: they are read."""

from harness.catalogue.planting import requests
from harness.catalogue.planting.expected import fails
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

plant = requests.plant_of(FORMS, fails)
twin = requests.twin_of(HARMLESS)
