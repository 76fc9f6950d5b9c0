"""The server is reset by its vendor's own action. Twin: the same resource is read, or the action is refused."""

from harness.catalogue.planting import requests, servers
from harness.catalogue.planting.expected import fails
from harness.catalogue.planting.requests import Request
from harness.catalogue.trial import rules

RULE = rules.BMC_ALLOW_LIST
FORMS = {
    "HPE system reset": Request("POST {system}/Actions/Oem/Hpe/HpeComputerSystemExt.SystemReset", {"ResetType": "AuxCycle"}),
    "HPE power button": Request("POST {system}/Actions/Oem/Hpe/HpeComputerSystemExt.PowerButton", {"PushType": "PressAndHold"}),
    "Dell extended reset": Request("POST {manager}/Actions/Oem/DellSystemManagementService.ExtendedReset", {}),
    "chassis reset": Request("POST /redfish/v1/Chassis/1/Actions/Chassis.Reset", {"ResetType": "ForceRestart"}),
    "encoded, with a query": Request("POST {system}/Actions/ComputerSystem%2EReset?x=1", {"ResetType": "ForceRestart"}),
    "other case": Request("post {system}/actions/computersystem.reset/", {"resettype": "ForceRestart"}),
    "power state by PATCH": Request("PATCH {system}", {"PowerState": "Reset"}),
    "decommission": Request("POST {system}/Actions/ComputerSystem.Decommission", {"DecommissionTypes": ["All"]}),
}

HARMLESS = {
    "read": Request("GET {system}/Oem/Hpe", None, 200),
    "refused": Request("POST {system}/Actions/Oem/Hpe/HpeComputerSystemExt.SystemReset", {"ResetType": "AuxCycle"}, 403),
}
VARIANTS = tuple(FORMS)
TWINS = tuple(HARMLESS)

plant = requests.plant_of(FORMS, fails, then=servers.booted)
twin = requests.twin_of(HARMLESS)
