"""A cluster's API server is not reached any more, though a watch of it says nothing: what is there now was not seen.

Twin: it is reached again, so that its watches themselves tell whether they lost anything.
"""

from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, unknown
from harness.catalogue.trial import rules
from harness.journal.facts import ProbeSeen, Side

RULE = rules.UNTIL_WHEN
MOMENTS = ("pausing", "settling", "late")
VARIANTS = ("origin", "destination")
TWINS = VARIANTS
ADDRESS = "https://192.0.2.1:6443"


def probe(draft: Draft, *, ok: bool, at: float) -> None:
    """A probe of one side's API server."""
    side: Side = draft.run.origin if draft.variant == "origin" else draft.run.destination
    says = "" if ok else "connection refused"
    draft.tell(ProbeSeen(vantage=side, what="kube", address=ADDRESS, ok=ok, layer="http" if ok else "tcp", says=says), at=at)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    probe(draft, ok=True, at=draft.run.move.since)
    probe(draft, ok=False, at=draft.time)
    return unknown("hosts_keep_state", "objects_arrive", anywhere=True)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    probe(draft, ok=False, at=draft.time)
    probe(draft, ok=True, at=draft.after(4))
