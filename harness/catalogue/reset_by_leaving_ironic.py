"""The origin's Ironic, left awake, restarts the server while the mover deletes the origin's objects.

Twin: it only reads.
"""

from harness.catalogue.planting import requests, servers
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.requests import Request
from harness.catalogue.trial import rules

RULE = rules.BMC_ALLOW_LIST
MOMENTS = ("deleting",)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    by = requests.ironic_of(draft, draft.run.origin)
    requests.reset(draft, by, "ForceRestart")
    servers.booted(draft)
    return fails("bmc_untouched", hosts=[draft.host.name], actor=by.words)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    requests.ask(draft, requests.ironic_of(draft, draft.run.origin), Request("GET {system}", status=200))
