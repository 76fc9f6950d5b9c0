"""An object loses its finalizer: its deletion would leave behind what it owns. Twin: finalizers in another order."""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, not_passes
from harness.catalogue.trial import rules
from harness.journal.facts import Body

RULE = rules.COMPARE_ALL_BUT
MOMENTS = ("late",)
VARIANTS = find.MOVED_KINDS
TWINS = ("BareMetalHost", "Metal3Data")


def reorder(body: Body) -> None:
    """The same finalizers, the last first."""
    body["metadata"]["finalizers"] = list(reversed(body["metadata"].get("finalizers") or []))


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = find.own(draft, draft.variant)
    if not draft.run.world.objects[key][-1].metadata.get("finalizers"):
        raise NotApplicableError(f"a {draft.variant} with a finalizer")
    objects.rewrite(draft, key, changes.remove("metadata", "finalizers"))
    return not_passes("objects_arrive", **find.whose(draft, key))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.rewrite(draft, find.own(draft, draft.variant), reorder)
