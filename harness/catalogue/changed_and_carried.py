"""A user changes a Secret or a label between pause and create, and the change is carried: nothing is lost, nothing is broken."""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, passes
from harness.catalogue.planting.objects import USER
from harness.catalogue.trial import rules

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
    objects.write(draft, find.own(draft, kind, draft.run.origin), changes.put(*path, value="changed"), USER)
    objects.rewrite(draft, find.own(draft, kind), changes.put(*path, value="changed"), since=draft.run.move.since)
    return passes()
