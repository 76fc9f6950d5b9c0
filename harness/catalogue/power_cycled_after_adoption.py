"""The destination's Ironic switches the server off and on again after it adopted it.

Twin: it opens a session and closes it.
"""

from harness.catalogue.planting import requests, servers
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.requests import Request
from harness.catalogue.trial import rules

RULE = rules.BMC_ALLOW_LIST
MOMENTS = ("settling", "late")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    by = requests.ironic_of(draft, draft.run.destination)
    requests.reset(draft, by, "ForceOff")
    on = draft.after(5)
    requests.reset(draft, by, "On", at=on)
    servers.powered_off(draft, until=on)
    return fails("bmc_untouched", hosts=[draft.host.name], actor=by.words)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    by = requests.ironic_of(draft, draft.run.destination)
    requests.ask(draft, by, Request("POST /redfish/v1/SessionService/Sessions", {"UserName": "admin", "Password": "***"}, 201))
    requests.ask(draft, by, Request("DELETE /redfish/v1/SessionService/Sessions/7"), at=draft.after(1))
