"""The origin's copy is un-paused in mid-move, by a user: its Baremetal Operator may act on it while its copy is made.

Twin: its pause is written again.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.changes import remove
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.planting.objects import USER
from harness.catalogue.trial import rules
from harness.metal3 import PAUSED

RULE = rules.EVERY_VERSION
MOMENTS = ("creating",)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    objects.write(
        draft, find.host_copy(draft, draft.run.origin), remove("metadata", "annotations", PAUSED), USER, until=draft.brief()
    )
    return not_passes("one_owner", "moved_in_order", hosts=[draft.host.name], actor=objects.actor(draft, USER))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.rewrite(draft, find.host_copy(draft, draft.run.origin), changes.both())
