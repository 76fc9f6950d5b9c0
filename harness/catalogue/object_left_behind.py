"""One object of each kind that moves stays in the origin, beside its copy. Twin: its deletion is told last."""

from harness.catalogue.planting import find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules

RULE = rules.ONE_LIFE
MOMENTS = ("deleting",)
VARIANTS = find.MOVED_KINDS
TWINS = find.MOVED_KINDS


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = find.own(draft, draft.variant, draft.run.origin)
    objects.leave_behind(draft, key)
    return fails("objects_arrive", "one_owner", "move_completes", **find.whose(draft, key))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.delay_deletion(draft, find.own(draft, draft.variant, draft.run.origin), to=draft.run.move.until + 0.001)
