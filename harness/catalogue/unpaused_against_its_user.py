"""A user had paused the host before the move; its copy is un-paused after it, and acted on.

Twin: the pause is clusterctl's and CAPM3's, which the move takes away again.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules
from harness.metal3 import PAUSED

RULE = rules.TWO_QUESTIONS
MOMENTS = ("settling",)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    by_user = changes.annotate(PAUSED, "kept by the user")
    objects.rewrite(draft, find.host_copy(draft, draft.run.origin), by_user, since=0.0)
    objects.rewrite(
        draft, find.host_copy(draft), changes.alter("metadata", "annotations", PAUSED, value="kept by the user"), since=0.0
    )
    return fails("annotations_consumed", "objects_arrive", "hosts_keep_state", "preflight_hosts", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.rewrite(draft, find.host_copy(draft), changes.both())
