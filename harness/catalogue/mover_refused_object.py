"""The mover says of an object that it won't be moved, and goes on with exit code 0.

Twin: its usual line about Secrets that no Cluster owns.
"""

from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, not_passes
from harness.catalogue.trial import rules
from harness.journal.facts import MoverSaid

RULE = rules.EVERY_WITNESS
LINE = 'Object won\'t be moved because it\'s not included in GVK considered for move kind="BareMetalHost" name="host0"'
MOMENTS = ("pausing",)


def mover_of(draft: Draft) -> int:
    """The number of the mover's run."""
    if not draft.run.world.movers:
        raise NotApplicableError("the sight mover")
    return max(draft.run.world.movers)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    draft.tell(MoverSaid(mover=mover_of(draft), line=LINE), at=draft.run.phases["pause"])
    return not_passes("move_completes", "objects_arrive", anywhere=True)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    line = 'Excluding secret from move (not linked with any Cluster) name="of-somebody"'
    draft.tell(MoverSaid(mover=mover_of(draft), line=line), at=draft.run.phases["pause"])
