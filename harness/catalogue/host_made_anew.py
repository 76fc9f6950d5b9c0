"""The host's copy is deleted by a user, for good or to be made anew: deprovisioning, and a wipe, follow from it.

Twin: the same version is told twice.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.objects import USER
from harness.catalogue.trial import rules

RULE = rules.ONE_LIFE
MOMENTS = ("deleting", "settling", "late")
VARIANTS = ("deleted", "made anew", "marked for deletion")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = find.host_copy(draft)
    if draft.variant == "deleted":
        objects.delete(draft, key, by=USER)
    elif draft.variant == "marked for deletion":
        objects.write(draft, key, changes.marked_for_deletion(draft), USER)
    else:
        objects.make_anew(draft, key, by=USER)
    return fails(
        "lives_on",
        "hosts_keep_state",
        "hosts_adopted",
        "objects_arrive",
        hosts=[draft.host.name],
        actor=objects.actor(draft, USER, deletes=True),
    )


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.rewrite(draft, find.host_copy(draft), changes.both())
