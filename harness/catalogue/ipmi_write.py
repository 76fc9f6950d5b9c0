"""A command by IPMI that changes power, boot or restore policy. Twin: commands that only ask, or blink."""

from harness.catalogue.planting import requests
from harness.catalogue.planting.expected import not_passes
from harness.catalogue.planting.requests import Request
from harness.catalogue.trial import rules

RULE = rules.BMC_ALLOW_LIST
FORMS = {
    "power cycle": Request("POST /ipmi/Chassis/Control", {"ResetType": "PowerCycle"}),
    "boot options": Request("POST /ipmi/Chassis/SetBootOptions", {"Boot": {"BootSourceOverrideTarget": "Pxe"}}),
    "restore policy": Request("POST /ipmi/Chassis/SetPowerRestorePolicy"),
    "ACPI power": Request("POST /ipmi/App/SetAcpiPowerState"),
    "LAN": Request("POST /ipmi/Transport/SetLanConfiguration"),
    "raw OEM power": Request("POST /ipmi/0x30/0x70"),
}

HARMLESS = {
    "status": Request("GET /ipmi/Chassis/GetStatus", None, 200),
    "device id": Request("GET /ipmi/App/GetDeviceId", None, 200),
    "identify": Request("POST /ipmi/Chassis/Identify", None, 200),
}
VARIANTS = tuple(FORMS)
TWINS = tuple(HARMLESS)

plant = requests.plant_of(FORMS, not_passes)
twin = requests.twin_of(HARMLESS)
