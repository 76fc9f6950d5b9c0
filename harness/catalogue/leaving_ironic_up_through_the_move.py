"""The origin's Ironic is awake, with all of its nodes, until the destination's objects were adopted; it did nothing that was seen.

Twin: it was told to be down once more before the move.
"""

from harness.catalogue.planting import find, nodes
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, not_passes
from harness.catalogue.trial import rules
from harness.journal.facts import IronicNode

RULE = rules.POST_FLIGHT
MOMENTS = ("deleting",)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    side = draft.run.origin
    known = [entry for entry in draft.entries if isinstance(entry.fact, IronicNode) and entry.fact.ironic == side]
    if not known or draft.run.world.probes:
        raise NotApplicableError("the nodes of the origin's Ironic, and no probe that saw it down")
    began = draft.run.interval("before", draft.host)[0]
    nodes.answers(draft, side, up=True, at=began)
    nodes.nodes_again(draft, side, at=began)
    nodes.answers(draft, side, up=False, at=draft.run.move.until)
    return not_passes("one_owner", "preflight_ironic", "move_completes", hosts=find.hosts(draft))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    nodes.answers(draft, draft.run.origin, up=False, at=draft.run.interval("before", draft.host)[0])
