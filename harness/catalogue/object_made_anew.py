"""An object, no host, is deleted and made anew by a user after it arrived. Twin: its last version is told twice."""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.objects import USER
from harness.catalogue.trial import rules

RULE = rules.ONE_LIFE
KINDS = tuple(kind for kind in find.MOVED_KINDS if kind != "BareMetalHost")
MOMENTS = ("settling", "late")
VARIANTS = KINDS
TWINS = KINDS


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = find.own(draft, draft.variant)
    objects.make_anew(draft, key, by=USER)
    return fails(
        "lives_on",
        "objects_arrive",
        "machines_run",
        "nodes_untouched",
        actor=objects.actor(draft, USER, deletes=True),
        **find.whose(draft, key),
    )


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.rewrite(draft, find.own(draft, draft.variant), changes.both())
