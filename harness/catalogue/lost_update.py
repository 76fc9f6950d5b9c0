"""A user changes an object in the origin after its copy was made: the change is gone, and nobody tells him.

Twin: he changes it before the move, and it is carried.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.objects import USER
from harness.catalogue.trial import rules

RULE = rules.TWO_QUESTIONS
FORMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "replicas": ("MachineDeployment", ("spec", "replicas")),
    "host": ("BareMetalHost", ("spec", "description")),
    "template": ("Metal3MachineTemplate", ("spec", "note")),
    "machine label": ("Machine", ("metadata", "labels", "team")),
}
MOMENTS = ("creating",)
VARIANTS = tuple(FORMS)
TWINS = tuple(FORMS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    kind, path = FORMS[draft.variant]
    key = find.own(draft, kind, draft.run.origin)
    born = draft.run.world.objects[find.own(draft, kind)][0].entry.at
    draft.time = max(draft.time, born + 0.001)
    objects.write(draft, key, changes.put(*path, value=7), USER)
    return fails("objects_arrive", "moved_in_order", actor=objects.actor(draft, USER), **find.whose(draft, key))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    kind, path = FORMS[draft.variant]
    before = draft.run.interval("before", draft.host)[0]
    for side in (draft.run.origin, draft.run.destination):
        objects.rewrite(draft, find.own(draft, kind, side), changes.put(*path, value=7), since=before)
