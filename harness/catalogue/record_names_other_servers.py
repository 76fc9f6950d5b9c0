"""The record of requests names servers otherwise than the hosts, or exchanges two of them: it proves nothing of them.

Twin: other servers' requests are in the record too.
"""

from harness.catalogue.planting import find, requests, sights
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, unknown
from harness.catalogue.planting.requests import Request
from harness.catalogue.trial import rules

RULE = rules.KNOWN_POSITIVES
MOMENTS = ("settling",)
VARIANTS = ("other names", "exchanged")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    if draft.run.sees("bmc"):
        raise NotApplicableError("BMCs whose only witness is the record of requests")
    draft.run.need("bmc_requests")

    names = find.hosts(draft)
    if draft.variant == "other names":
        sights.rename_hosts(draft, {name: f"bmc-of-{name}.example.org" for name in names})
        return unknown("bmc_untouched", hosts=names)
    one = draft.host.name
    other = next((name for name in names if name != one), None)
    if other is None:
        raise NotApplicableError("two hosts")
    sights.rename_hosts(draft, {one: other, other: one})
    return unknown("bmc_untouched", hosts=(one, other))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    requests.ask(draft, requests.THIRD_PARTY, Request("GET {system}", status=200))
    sights.rename_hosts(draft, {draft.run.spares[0].name: "somebody-else"} if draft.run.spares else {})
