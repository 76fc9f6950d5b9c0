"""A reset was asked for, and what became of it was not answered: no status, a server error, a timeout.

The server did reset, so its other witnesses show it. Twin: it was refused.
"""

from harness.catalogue.planting import requests, servers
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.trial import rules

RULE = rules.BMC_ALLOW_LIST
VARIANTS = ("0", "500", "502", "504", "408", "499")
TWINS = ("403", "404", "409")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    by = requests.ironic_of(draft, draft.run.destination)
    requests.reset(draft, by, "ForceRestart", status=int(draft.variant))
    servers.booted(draft)
    return not_passes("bmc_untouched", hosts=[draft.host.name], actor=by.words)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    requests.reset(draft, requests.ironic_of(draft, draft.run.destination), "ForceRestart", status=int(draft.variant))
