"""An object of a kind that clusterctl moves, but that few labs have, is left behind. Twin: it is moved."""

from harness.catalogue.planting import find, objects, sights
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules
from harness.world.coverage import SightKey

RULE = rules.KINDS
GROUPS = {
    "MachineHealthCheck": "cluster.x-k8s.io/v1beta2",
    "MachinePool": "cluster.x-k8s.io/v1beta2",
    "MachineDrainRule": "cluster.x-k8s.io/v1beta2",
    "ClusterClass": "cluster.x-k8s.io/v1beta2",
    "ClusterResourceSet": "addons.cluster.x-k8s.io/v1beta2",
    "ClusterResourceSetBinding": "addons.cluster.x-k8s.io/v1beta2",
    "KubeadmControlPlane": "controlplane.cluster.x-k8s.io/v1beta2",
    "KubeadmControlPlaneTemplate": "controlplane.cluster.x-k8s.io/v1beta2",
    "KubeadmConfig": "bootstrap.cluster.x-k8s.io/v1beta2",
    "KubeadmConfigTemplate": "bootstrap.cluster.x-k8s.io/v1beta2",
    "Metal3Remediation": "infrastructure.cluster.x-k8s.io/v1beta2",
    "Metal3RemediationTemplate": "infrastructure.cluster.x-k8s.io/v1beta2",
    "Metal3ClusterTemplate": "infrastructure.cluster.x-k8s.io/v1beta2",
    "IPAddressClaim": "ipam.cluster.x-k8s.io/v1beta2",
    "RKE2ControlPlane": "controlplane.cluster.x-k8s.io/v1beta1",
}
MOMENTS = ("creating",)
VARIANTS = tuple(GROUPS)
TWINS = tuple(GROUPS)


def plant_one(draft: Draft, *, arrives: bool) -> None:
    """An object that the Cluster owns, in the sight of both clusters."""
    for side in (draft.run.origin, draft.run.destination):
        if not draft.run.sees("kube", cluster=side, kind=draft.variant):
            sights.add(draft, SightKey("kube", side, draft.variant))
    cluster = find.cluster(draft, draft.run.origin)
    uid = draft.run.world.objects[cluster][0].metadata.get("uid")
    owner = {"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster", "name": cluster.name, "uid": uid}
    metadata = {"labels": {"cluster.x-k8s.io/cluster-name": cluster.name}, "ownerReferences": [owner]}
    body = {"apiVersion": GROUPS[draft.variant], "spec": {"clusterName": cluster.name}, "metadata": metadata}
    objects.carry(draft, draft.variant, "one-of-few", body, arrives=arrives)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    plant_one(draft, arrives=False)
    return fails("objects_arrive")


def twin(draft: Draft) -> None:
    """Its benign twin."""
    plant_one(draft, arrives=True)
