"""Metal3Cluster: ready as soon as it has an endpoint."""

from harness.emulated.controllers.informer import Informer, NamespacedName
from harness.emulated.controllers.objects import (
    add_finalizer,
    cluster_of,
    drop_finalizers,
    is_deleted,
    is_paused,
    owner_of,
    patch_status,
    status_copy,
)
from harness.emulated.controllers.runtime import ControllerManager
from harness.emulated.kube.client import Client, Json
from harness.emulated.kube.conditions import NOT_PAUSED, PAUSED, Condition, set_condition
from harness.emulated.kube.resources import CLUSTERS, METAL3_CLUSTERS
from harness.emulated.kube.times import timestamp

FINALIZER = "metal3cluster.infrastructure.cluster.x-k8s.io"
UNKNOWN = Condition("Ready", "Unknown", "ReadyUnknown", "* BaremetalInfrastructureReady: Condition not yet reported")
READY = (Condition("BaremetalInfrastructureReady", "True", "Ready"), Condition("Ready", "True", "Ready"))


class Metal3ClusterReconciler:
    """The reconciler of Metal3Clusters."""

    def __init__(self, manager: ControllerManager) -> None:
        self._client: Client = manager.client
        self._clusters: Informer = manager.informer(CLUSTERS)
        self._ours: Informer = manager.informer(METAL3_CLUSTERS)
        queue = manager.controller(METAL3_CLUSTERS, self.reconcile)
        manager.maps(CLUSTERS, queue, lambda cluster: [(cluster["metadata"]["namespace"], cluster["metadata"]["name"])])

    async def reconcile(self, key: NamespacedName) -> float | None:
        """One Metal3Cluster."""
        ours = self._ours.get(key)
        if ours is None:
            return None
        owner = owner_of(ours, "Cluster")
        cluster = cluster_of(self._clusters, ours, owner) if owner else None
        paused = cluster is not None and is_paused(cluster)
        if is_deleted(ours) and paused:
            return None
        if is_deleted(ours):
            await drop_finalizers(self._client, METAL3_CLUSTERS, ours)
            return None
        if cluster is None:
            await self._say(ours, UNKNOWN)
            return None
        status, generation = status_copy(ours), ours["metadata"]["generation"]
        set_condition(status, PAUSED if paused else NOT_PAUSED, generation)
        await patch_status(self._client, self._ours, ours, status)
        ours = self._ours.get(key) or ours
        if paused:
            await self._say(ours, *(() if ours["status"].get("initialization") else (UNKNOWN,)))
            return None
        await self._say(ours, *READY)
        ours = await add_finalizer(self._client, self._ours, self._ours.get(key) or ours, FINALIZER)
        status = {"lastUpdated": timestamp(), **status_copy(ours), "initialization": {"provisioned": True}}
        await patch_status(self._client, self._ours, ours, status)
        return None

    async def _say(self, ours: Json, *said: Condition) -> None:
        status = status_copy(ours)
        for condition in said:
            set_condition(status, condition, ours["metadata"]["generation"])
        await patch_status(self._client, self._ours, ours, status)
