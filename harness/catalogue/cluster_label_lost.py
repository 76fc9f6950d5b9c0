"""The host, or who it is in use by, has lost the label of its Cluster, or names another. Twin: labels in another order."""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules
from harness.journal.facts import Body
from harness.metal3 import CLUSTER_NAME

RULE = rules.TWO_QUESTIONS
MOMENTS = ("creating", "late")
TWINS = ("BareMetalHost", "Machine", "Metal3Machine")
VARIANTS = (*TWINS, *(f"{kind} names another" for kind in TWINS))


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    kind, _, other = draft.variant.partition(" ")
    label = ("metadata", "labels", CLUSTER_NAME)
    objects.rewrite(draft, find.own(draft, kind), changes.put(*label, value="another") if other else changes.remove(*label))
    return fails("objects_arrive", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""

    def reorder(body: Body) -> None:
        body["metadata"]["labels"] = dict(reversed((body["metadata"].get("labels") or {}).items()))

    objects.rewrite(draft, find.own(draft, draft.variant), reorder)
