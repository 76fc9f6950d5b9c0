"""The host's label that names its Cluster is gone: the next move will leave it behind. Twin: labels in another order."""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules
from harness.journal.facts import Body

RULE = rules.TWO_QUESTIONS
MOMENTS = ("creating", "late")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    objects.rewrite(draft, find.host_copy(draft), changes.remove("metadata", "labels", "cluster.x-k8s.io/cluster-name"))
    return fails("objects_arrive", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""

    def reorder(body: Body) -> None:
        body["metadata"]["labels"] = dict(reversed((body["metadata"].get("labels") or {}).items()))

    objects.rewrite(draft, find.host_copy(draft), reorder)
