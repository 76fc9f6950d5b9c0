"""One object of each kind that moves never arrives in the destination. Twin: one arrives twice, by the same event."""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules

RULE = rules.COMPARE_ALL_BUT
MOMENTS = ("creating",)
VARIANTS = find.MOVED_KINDS
TWINS = find.MOVED_KINDS


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = find.own(draft, draft.variant)
    expected = fails("objects_arrive", "hosts_adopted", "move_completes", "machines_run", **find.whose(draft, key))
    objects.lose(draft, key)
    return expected


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.rewrite(draft, find.own(draft, draft.variant), changes.both(), since=draft.run.move.until)
