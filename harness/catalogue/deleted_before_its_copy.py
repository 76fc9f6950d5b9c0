"""An object is deleted from the origin before its copy is in the destination: for a time there is none.

Twin: the copy's birth is told twice.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, fails
from harness.catalogue.trial import rules

RULE = rules.IN_ORDER
MOMENTS = ("deleting",)
VARIANTS = ("Machine", "Metal3Machine", "BareMetalHost", "Secret", "IPAddress")
TWINS = ("Machine", "BareMetalHost")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = find.own(draft, draft.variant)
    there = key.in_cluster(draft.run.origin)
    gone = objects.versions(draft, there)[-1].at
    early = [entry for entry in objects.versions(draft, key) if entry.at <= gone]
    if not early or draft.run.move.until <= gone:
        raise NotApplicableError(f"a {draft.variant} that is deleted before the move ends")
    draft.drop(lambda entry: any(entry is one for one in early))
    for number, entry in enumerate(early):
        draft.tell(entry.fact, at=gone + 0.001 * (number + 1))
    return fails("moved_in_order", "objects_arrive", anywhere=True)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    key = find.own(draft, draft.variant)
    objects.rewrite(draft, key, changes.both(), since=objects.versions(draft, key)[0].at)
