"""A user deletes the origin's copy, not the mover: without delete-for-move its Baremetal Operator deprovisions the server.

Twin: the mover's own deletion, told twice.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.planting.objects import USER
from harness.catalogue.trial import rules

RULE = rules.TWO_QUESTIONS
MOMENTS = ("creating",)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = find.host_copy(draft, draft.run.origin)
    objects.delete(draft, key, by=USER)
    return not_passes(
        "hosts_keep_state",
        "objects_arrive",
        "moved_in_order",
        hosts=[draft.host.name],
        actor=objects.actor(draft, USER, deletes=True),
    )


def twin(draft: Draft) -> None:
    """Its benign twin."""
    key = find.host_copy(draft, draft.run.origin)
    objects.rewrite(draft, key, changes.both(), since=objects.versions(draft, key)[-2].at)
