"""The host's copy in the origin is left, made again, or made again and deleted. Twin: its deletion is told 0.3 s late."""

from harness.catalogue.planting import find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.objects import USER
from harness.catalogue.trial import rules

RULE = rules.ONE_LIFE
MOMENTS = ("settling", "late")
VARIANTS = ("left", "made again", "made again and deleted")
TWINS = ("late",)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = find.host_copy(draft, draft.run.origin)
    if draft.variant == "left":
        objects.leave_behind(draft, key)
        return fails("objects_arrive", "one_owner", hosts=[draft.host.name])
    body = {**draft.host.baseline.body, "metadata": {**draft.host.baseline.metadata, "uid": "made-again"}}
    body["metadata"].pop("deletionTimestamp", None)
    objects.add(draft, key, body, by=USER)
    if draft.variant == "made again and deleted":
        objects.delete(draft, key, at=draft.time + 0.3)
    return fails("objects_arrive", "one_owner", hosts=[draft.host.name], actor=objects.actor(draft, USER))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.delay_deletion(draft, find.host_copy(draft, draft.run.origin), 0.3)
