"""The first objects are created in the destination before the origin's Cluster is paused: both are reconciled.

Twin: the pause is told twice.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.objects import CLUSTERCTL
from harness.catalogue.trial import rules
from harness.journal.facts import ApiWrite

RULE = rules.IN_ORDER
MOMENTS = ("creating",)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = find.cluster(draft, draft.run.origin)
    created = draft.run.phases["create"]
    later = sum(draft.run.interval("creating", draft.host)) / 2
    pause = ("clusters", draft.run.origin)
    moved = {
        id(entry)
        for entry in draft.entries
        if isinstance(entry.fact, ApiWrite) and (entry.fact.resource, entry.fact.cluster) == pause and entry.at < created
    }
    objects.rewrite(draft, key, changes.remove("spec", "paused"), since=-1.0, until=later)
    draft.drop(lambda entry: id(entry) in moved)
    objects.audit(draft, key, CLUSTERCTL, "patch", at=later)
    return fails("moved_in_order")


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.rewrite(draft, find.cluster(draft, draft.run.origin), changes.both(), since=draft.run.phases["create"])
