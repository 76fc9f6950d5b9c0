"""The host's copies are un-paused in both clusters at once: two Baremetal Operators command it.

Twin: the 30 ms between delete-for-move and the deletion, in which the origin's copy is un-paused.
"""

from harness.catalogue.planting import find, objects
from harness.catalogue.planting.changes import remove
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, fails
from harness.catalogue.trial import rules
from harness.metal3 import PAUSED

RULE = rules.EVERY_VERSION
MOMENTS = ("creating",)
TWINS = ("delete for move",)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    at = draft.run.copies(draft.host)[0].entry.at
    if not at < draft.run.phases["delete"]:
        raise NotApplicableError("a copy that was made before the delete phase")
    since = max(at, draft.time)
    objects.rewrite(draft, find.host_copy(draft), remove("metadata", "annotations", PAUSED), since=since)
    objects.rewrite(draft, find.host_copy(draft, draft.run.origin), remove("metadata", "annotations", PAUSED), since=since)
    return fails("one_owner", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    key = find.host_copy(draft, draft.run.origin)
    gone = objects.versions(draft, key)[-1]
    objects.rewrite(draft, key, remove("metadata", "annotations", PAUSED), since=gone.at - 0.03)
