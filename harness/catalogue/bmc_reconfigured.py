"""The BMC itself is reset, set to defaults, or its network or protocols are changed. Twin: they are read."""

from harness.catalogue.planting import requests
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
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


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    by = requests.THIRD_PARTY
    requests.ask(draft, by, FORMS[draft.variant])
    return fails("bmc_untouched", hosts=[draft.host.name], actor=by.words)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    requests.ask(draft, requests.THIRD_PARTY, HARMLESS[draft.variant])
