"""The origin's Ironic is awake with the host's node while the destination's has it too: for a moment, or for good.

Twin: it is awake, but its database is empty.
"""

from harness.catalogue.planting import nodes
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, fails
from harness.catalogue.trial import rules

RULE = rules.EVERY_VERSION
MOMENTS = ("late",)
VARIANTS = ("for a moment", "for good")
TWINS = ("empty",)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    side = draft.run.origin
    last = nodes.seen(draft, side)
    if not last:
        raise NotApplicableError("the node of the origin's Ironic, as it was before the move")
    nodes.answers(draft, side, up=True)
    draft.tell(last[-1].fact, at=draft.time, since=draft.time - 0.1)
    if draft.variant == "for a moment":
        nodes.answers(draft, side, up=False, at=draft.after(6) + 0.2)
    return fails("one_owner", hosts=[draft.host.name], actor="Ironic")


def twin(draft: Draft) -> None:
    """Its benign twin."""
    nodes.answers(draft, draft.run.origin, up=True)
    nodes.answers(draft, draft.run.origin, up=False, at=draft.after(2))
