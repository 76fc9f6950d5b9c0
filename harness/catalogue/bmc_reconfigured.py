"""The BMC itself is reset, set to defaults, or its network or protocols are changed. Twin: they are read."""

from harness.catalogue.planting import requests
from harness.catalogue.planting.expected import fails
from harness.catalogue.planting.requests import Request
from harness.catalogue.trial import rules

RULE = rules.BMC_ALLOW_LIST
FORMS = {
    "reset": Request("POST {manager}/Actions/Manager.Reset", {"ResetType": "GracefulRestart"}),
    "to defaults": Request("POST {manager}/Actions/Manager.ResetToDefaults", {"ResetType": "ResetAll"}),
    "network": Request("PATCH {manager}/EthernetInterfaces/1", {"IPv4StaticAddresses": [{"Address": "192.0.2.9"}]}),
    "protocols": Request("PATCH {manager}/NetworkProtocol", {"IPMI": {"ProtocolEnabled": False}}),
    "configuration import": Request(
        "POST {manager}/Actions/Oem/EID_674_Manager.ImportSystemConfiguration", {"ImportBuffer": "***"}
    ),
    "IPMI cold reset": Request("POST /ipmi/App/ColdReset"),
}

HARMLESS = {
    "read": Request("GET {manager}", None, 200),
    "network read": Request("GET {manager}/EthernetInterfaces/1", None, 200),
}
VARIANTS = tuple(FORMS)
TWINS = tuple(HARMLESS)

plant = requests.plant_of(FORMS, fails)
twin = requests.twin_of(HARMLESS)
