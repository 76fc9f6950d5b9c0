"""An object, no host, is marked for deletion by a user after it arrived; its finalizers still hold it. Twin: it is only labelled."""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.objects import USER
from harness.catalogue.trial import rules

RULE = rules.ONE_LIFE
KINDS = tuple(kind for kind in find.MOVED_KINDS if kind not in ("BareMetalHost", "Cluster"))
MOMENTS = ("late",)
VARIANTS = KINDS
TWINS = KINDS


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = find.own(draft, draft.variant)
    objects.write(draft, key, changes.marked_for_deletion(draft), USER)
    return fails(
        "lives_on",
        "objects_arrive",
        "machines_run",
        "move_completes",
        actor=objects.actor(draft, USER, deletes=True),
        **find.whose(draft, key),
    )


def twin(draft: Draft) -> None:
    """Its benign twin."""
    key = find.own(draft, draft.variant)
    objects.write(draft, key, changes.put("metadata", "labels", "team", value="blue"), USER)
