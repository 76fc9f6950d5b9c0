"""The copy of a claimed host is made before the host carries pause and status in the origin, though the copy has both.

Twin: the pause is written a second time.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.changes import remove
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules
from harness.metal3 import PAUSED, STATUS

RULE = rules.IN_ORDER
MOMENTS = ("creating",)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = find.host_copy(draft, draft.run.origin)
    born = draft.run.copies(draft.host)[0].entry.at
    change = changes.both(remove("metadata", "annotations", PAUSED), remove("metadata", "annotations", STATUS))
    objects.rewrite(draft, key, change, since=-1.0, until=draft.after(1, of=born))
    return fails("moved_in_order", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.rewrite(draft, find.host_copy(draft, draft.run.origin), changes.both(), since=draft.run.phases["create"])
