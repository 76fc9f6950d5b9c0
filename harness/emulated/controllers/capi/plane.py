"""What a Cluster has of a control plane object: it owns it, sums it up in its conditions, and ends it before itself."""

from harness.emulated.controllers.informer import Informer, NamespacedName
from harness.emulated.controllers.objects import CLUSTER_LABEL, is_deleted, owner_of
from harness.emulated.controllers.runtime import ControllerManager
from harness.emulated.kube.client import Client, Json
from harness.emulated.kube.conditions import Condition, find, is_true
from harness.emulated.kube.resources import CLUSTERS, KUBEADM_CONTROL_PLANES

UNKNOWN_PLANE = Condition("ControlPlaneAvailable", "Unknown", "InternalError", "Please check controller logs for errors")
"""Upstream's permanent condition of a Cluster without a control plane object (KubeadmControlPlane)."""


class ControlPlanes:
    """The KubeadmControlPlanes that Clusters refer to."""

    def __init__(self, manager: ControllerManager) -> None:
        self._client: Client = manager.client
        self._planes: Informer = manager.informer(KUBEADM_CONTROL_PLANES)
        self._clusters: Informer = manager.informer(CLUSTERS)

    def keys(self, plane: Json) -> list[NamespacedName]:
        """The Clusters to look at when a control plane comes, changes or goes: those that refer to it."""
        meta = plane["metadata"]
        of = (each for each in self._clusters.items(meta["namespace"]) if _named(each) == meta["name"])
        return [(meta["namespace"], each["metadata"]["name"]) for each in of]

    def of(self, cluster: Json) -> Json | None:
        """The control plane of a Cluster, or None."""
        named = _named(cluster)
        return self._planes.get((cluster["metadata"]["namespace"], named)) if named else None

    async def own(self, cluster: Json) -> Json | None:
        """Become its owner, which it waits for; the control plane as it is then."""
        plane = self.of(cluster)
        if plane is None or owner_of(plane, CLUSTERS.kind):
            return plane
        owner = {**CLUSTERS.reference(cluster), "controller": True, "blockOwnerDeletion": True}
        owners = [*plane["metadata"].get("ownerReferences", []), owner]
        meta = {"labels": {CLUSTER_LABEL: cluster["metadata"]["name"]}, "ownerReferences": owners}
        return self._planes.learn(await self._client.merge_patch(KUBEADM_CONTROL_PLANES, plane, {"metadata": meta}))

    async def end(self, cluster: Json) -> bool:
        """Delete it; is there none any more?"""
        plane = self.of(cluster)
        if plane is None:
            return True
        if not is_deleted(plane):
            await self._client.delete(KUBEADM_CONTROL_PLANES, plane["metadata"]["name"], plane["metadata"]["namespace"])
        return False


def _named(cluster: Json) -> str:
    name: str = (cluster["spec"].get("controlPlaneRef") or {}).get("name", "")
    return name


def availability(cluster: Json, plane: Json | None) -> Condition:
    """What a Cluster says of its control plane: what that says of itself."""
    if not cluster["spec"].get("controlPlaneRef"):
        return UNKNOWN_PLANE
    said = find((plane or {}).get("status", {}), "Available")
    if said is None:
        return Condition("ControlPlaneAvailable", "Unknown", "AvailableUnknown", "Condition Available not yet reported")
    return Condition("ControlPlaneAvailable", said["status"], said["reason"], said["message"])


def newness(planes: list[Json], plane: Json | None) -> Condition:
    """Are the Machines of the control plane up to date? Of Machines that stand alone that is never reported."""
    kind = "ControlPlaneMachinesUpToDate"
    if plane is not None:
        good = is_true(plane, "MachinesUpToDate")
        return Condition(kind, "True", "UpToDate") if good else Condition(kind, "False", "NotUpToDate")
    names = ", ".join(sorted(each["metadata"]["name"] for each in planes))
    text = f"* Machine{'s' if len(planes) > 1 else ''} {names}: Condition UpToDate not yet reported"
    return Condition(kind, "Unknown", "UpToDateUnknown", text) if planes else Condition(kind, "True", "NoReplicas")
