"""A ConfigMap, or an object of a user's own kind, that carries a move label does not arrive. Twin: it has no such label, and stays."""

from harness.catalogue.planting import objects, sights
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules
from harness.journal.facts import Body
from harness.world.coverage import SightKey

RULE = rules.KINDS
MOMENTS = ("creating",)
VARIANTS = ("clusterctl.cluster.x-k8s.io/move", "clusterctl.cluster.x-k8s.io/move-hierarchy")


def plant_one(draft: Draft, metadata: Body) -> None:
    """A ConfigMap that stays in the origin, in the sight of both clusters."""
    for side in (draft.run.origin, draft.run.destination):
        if not draft.run.sees("kube", cluster=side, kind="ConfigMap"):
            sights.add(draft, SightKey("kube", side, "ConfigMap"))
    body = {"apiVersion": "v1", "dataDigest": {"settings": "0123"}, "metadata": metadata}
    objects.carry(draft, "ConfigMap", "settings-of-the-site", body, arrives=False)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    plant_one(draft, {"labels": {draft.variant: ""}})
    return fails("objects_arrive")


def twin(draft: Draft) -> None:
    """Its benign twin."""
    plant_one(draft, {"labels": {"team": "blue"}})
