"""A third party restarts the server (ForceRestart): in the BMC's record, in its latched signals, and later in the Node's bootID.

Twin: it only reads, or is refused; or the same restart came before the move began, when nothing was promised yet.
"""

from harness.catalogue.planting import requests, servers
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.requests import Request
from harness.catalogue.trial import rules

RULE = rules.BMC_ALLOW_LIST
TWINS = ("60 reads", "reads refused", "refused", "before the move")


def plant(draft: Draft) -> Expected:
    """Restart it."""
    requests.reset(draft, requests.THIRD_PARTY, "ForceRestart")
    servers.booted(draft)
    return fails("bmc_untouched", hosts=[draft.host.name], actor=requests.THIRD_PARTY.words)


def twin(draft: Draft) -> None:
    """Read, be refused, or be too early."""
    if draft.variant == "60 reads":
        for number in range(60):
            requests.ask(draft, requests.THIRD_PARTY, Request("GET {system}", status=200), at=draft.time + number * 1e-4)
    elif draft.variant == "reads refused":
        requests.ask(draft, requests.THIRD_PARTY, Request("GET {system}", status=401))
        requests.ask(draft, requests.THIRD_PARTY, Request("GET {system}", status=503), at=draft.after(1))
    elif draft.variant == "before the move":
        draft.time = sum(draft.run.interval("before", draft.host)) / 2
        requests.reset(draft, requests.THIRD_PARTY, "ForceRestart")
        servers.booted(draft, seconds=0)
    else:
        requests.reset(draft, requests.THIRD_PARTY, "ForceRestart", status=403)
