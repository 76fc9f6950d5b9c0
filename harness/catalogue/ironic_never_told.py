"""One of the two Ironics was never told to answer or not to answer: nobody knows whether it was awake.

Twin: it is told once more that it does not answer.
"""

from harness.catalogue.planting import find, nodes, sights
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, unknown
from harness.catalogue.trial import rules
from harness.world.coverage import SightKey
from harness.world.ironic.pods import ironic_place

RULE = rules.KNOWN_POSITIVES
MOMENTS = ("settling",)
VARIANTS = ("origin", "destination")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    side = draft.run.origin if draft.variant == "origin" else draft.run.destination
    draft.run.need("ironic", cluster=side)
    if draft.variant == "origin" and ironic_place(draft.run.world, side) is not None:
        raise NotApplicableError("an Ironic that no Deployment tells to be gone")
    draft.drop(lambda entry: sights.shown_by(SightKey("ironic", side), entry))
    return unknown("ironic_keeps_nodes", "one_owner", "hosts_adopted", hosts=find.hosts(draft))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    nodes.answers(draft, draft.run.origin, up=False)
