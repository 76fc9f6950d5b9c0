"""An object does not arrive, and one of the same kind and name, but of another API group, does. Twin: both arrive."""

from harness.catalogue.planting import find, objects, sights
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules
from harness.metal3 import CAPI
from harness.world.coverage import SightKey

RULE = rules.KINDS
MOMENTS = ("creating",)
VARIANTS = (f"IPAddress.ipam.{CAPI}", "Machine.machine.example.com")
TWINS = VARIANTS


def plant_one(draft: Draft, *, arrives: bool) -> None:
    """An object that the Cluster owns, of the kind and name of another one that moves."""
    kind, _, group = draft.variant.partition(".")
    for side in (draft.run.origin, draft.run.destination):
        if not draft.run.sees("kube", cluster=side, kind=draft.variant):
            sights.add(draft, SightKey("kube", side, draft.variant))
    cluster = find.cluster(draft, draft.run.origin)
    uid = draft.run.world.objects[cluster][0].metadata.get("uid")
    owner = {"apiVersion": f"{CAPI}/v1beta2", "kind": "Cluster", "name": cluster.name, "uid": uid}
    body = {"apiVersion": f"{group}/v1", "spec": {"of": "another group"}, "metadata": {"ownerReferences": [owner]}}
    objects.carry(draft, draft.variant, find.own(draft, kind).name, body, arrives=arrives)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    plant_one(draft, arrives=False)
    return fails("objects_arrive")


def twin(draft: Draft) -> None:
    """Its benign twin."""
    plant_one(draft, arrives=True)
