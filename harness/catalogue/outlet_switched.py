"""The outlet that feeds the server is switched by a power distribution unit. Twin: the outlet is read."""

from harness.catalogue.planting import requests, servers
from harness.catalogue.planting.expected import fails
from harness.catalogue.planting.requests import Request
from harness.catalogue.trial import rules

RULE = rules.BMC_ALLOW_LIST
FORMS = {
    "outlet": Request(
        "POST /redfish/v1/PowerEquipment/RackPDUs/1/Outlets/A1/Actions/Outlet.PowerControl", {"PowerState": "PowerCycle"}
    ),
    "outlet group": Request("POST /redfish/v1/PowerEquipment/RackPDUs/1/OutletGroups/1/Actions/OutletGroup.PowerControl", {}),
}

HARMLESS = {
    "read": Request("GET /redfish/v1/PowerEquipment/RackPDUs/1/Outlets/A1", None, 200),
}
VARIANTS = tuple(FORMS)
TWINS = tuple(HARMLESS)

plant = requests.plant_of(FORMS, fails, then=servers.booted)
twin = requests.twin_of(HARMLESS)
