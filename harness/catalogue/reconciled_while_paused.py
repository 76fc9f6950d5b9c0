"""The copy of a claimed host is un-paused and reconciled before the Cluster in the destination is un-paused.

Twin: its annotations are written again while it is paused.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.changes import remove
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.objects import BMO
from harness.catalogue.trial import rules
from harness.metal3 import PAUSED

RULE = rules.IN_ORDER
MOMENTS = ("creating",)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = find.host_copy(draft)
    born = objects.versions(draft, key)[0].at
    since = max(draft.time, born + 0.001)
    status = draft.host.baseline.get("status")
    change = changes.both(remove("metadata", "annotations", PAUSED), changes.put("status", value=status))
    objects.rewrite(draft, key, change, since=since, until=draft.run.move.until)
    objects.audit(draft, key, BMO, "update", at=since)
    return fails("moved_in_order", "one_owner", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.rewrite(draft, find.host_copy(draft), changes.both())
