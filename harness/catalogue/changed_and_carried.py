"""A user changes a Secret or a label between pause and create, and the change is carried: nothing is lost, nothing is broken."""

from harness.catalogue.planting import find, objects, rules
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, passes
from harness.catalogue.planting.objects import USER

RULE = rules.TWO_QUESTIONS
FORMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "secret": ("Secret", ("dataDigest", "password")),
    "label": ("Machine", ("metadata", "labels", "team")),
}
MOMENTS = ("pausing",)
VARIANTS = tuple(FORMS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    kind, path = FORMS[draft.variant]
    objects.write(draft, find.own(draft, kind, draft.run.origin), objects.put(*path, value="changed"), USER)
    objects.rewrite(draft, find.own(draft, kind), objects.put(*path, value="changed"), since=draft.run.move.since)
    return passes()
