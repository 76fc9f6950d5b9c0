"""KubeadmControlPlane: makes its Machines one after the other, replaces those that are not up to date, counts them, and ends with them."""

from harness.emulated.controllers import events
from harness.emulated.controllers.capi.scaling import new_name
from harness.emulated.controllers.informer import Informer, NamespacedName
from harness.emulated.controllers.kubeadm import machines as made
from harness.emulated.controllers.kubeadm.rollout import is_up_to_date, is_well, next_act, template_of
from harness.emulated.controllers.kubeadm.status import status_of
from harness.emulated.controllers.objects import (
    add_finalizer,
    cluster_of,
    drop_finalizers,
    has_infrastructure,
    is_deleted,
    is_paused,
    owner_of,
    patch_status,
    status_copy,
)
from harness.emulated.controllers.runtime import ControllerManager, owner_keys
from harness.emulated.kube import conditions
from harness.emulated.kube.client import Client, Json
from harness.emulated.kube.resources import (
    CLUSTERS,
    KUBEADM_CONFIGS,
    KUBEADM_CONTROL_PLANES,
    MACHINES,
    METAL3_MACHINE_TEMPLATES,
    METAL3_MACHINES,
)

REACTION_SECONDS = 1.0
REQUEUE_SECONDS = 15.0
FINALIZER = "kubeadm.controlplane.cluster.x-k8s.io"


class KubeadmControlPlaneReconciler:
    """The reconciler of KubeadmControlPlanes."""

    def __init__(self, manager: ControllerManager) -> None:
        self._client: Client = manager.client
        self._dice = manager.pace.random
        self._clusters: Informer = manager.informer(CLUSTERS)
        self._ours: Informer = manager.informer(KUBEADM_CONTROL_PLANES)
        self._machines: Informer = manager.informer(MACHINES)
        self._infrastructure: Informer = manager.informer(METAL3_MACHINES)
        queue = manager.controller(KUBEADM_CONTROL_PLANES, self.reconcile, workers=1, interval_seconds=REACTION_SECONDS)
        manager.maps(MACHINES, queue, owner_keys(KUBEADM_CONTROL_PLANES.kind))
        manager.maps(CLUSTERS, queue, _plane_of)

    async def reconcile(self, key: NamespacedName) -> float | None:
        """One control plane; nothing is done before the Cluster owns it."""
        ours = self._ours.get(key)
        cluster = cluster_of(self._clusters, ours, owner_of(ours, CLUSTERS.kind)) if ours else None
        if ours is None or cluster is None or (is_paused(cluster) and is_deleted(ours)):
            return None
        if not (is_paused(cluster) or is_deleted(ours)):
            ours = await add_finalizer(self._client, self._ours, ours, FINALIZER)
        status = status_copy(ours)
        paused = conditions.PAUSED if is_paused(cluster) else conditions.NOT_PAUSED
        conditions.set_condition(status, paused, ours["metadata"]["generation"])
        if await patch_status(self._client, self._ours, ours, status) or is_paused(cluster):
            return None if is_paused(cluster) else REACTION_SECONDS
        machines = self._machines_of(ours)
        if is_deleted(ours):
            return await self._end(ours, machines)
        if has_infrastructure(cluster):
            await self._act(ours, cluster, machines)
        await self._write_status(self._ours.get(key) or ours)
        return REQUEUE_SECONDS

    def _machines_of(self, ours: Json) -> list[Json]:
        meta = ours["metadata"]
        listed = self._machines.items(meta["namespace"])
        return [each for each in listed if owner_of(each, KUBEADM_CONTROL_PLANES.kind) == meta["name"]]

    def _outdated(self, ours: Json, machines: list[Json]) -> list[Json]:
        return [each for each in machines if not is_up_to_date(ours, each, self._infrastructure.get(_server_of(each)))]

    async def _act(self, ours: Json, cluster: Json, machines: list[Json]) -> None:
        act = next_act(ours, machines, self._outdated(ours, machines))
        if act.create:
            await self._create(ours, cluster["metadata"]["name"], first=not machines)
        if act.delete is not None:
            meta = act.delete["metadata"]
            await self._client.delete(MACHINES, meta["name"], meta["namespace"])
            self._machines.learn(await self._client.get(MACHINES, meta["name"], meta["namespace"]))

    async def _create(self, ours: Json, cluster: str, *, first: bool) -> None:
        """One Machine, after what it refers to. StatusError where there is no template, and the queue tries again."""
        meta = ours["metadata"]
        template = await self._client.get(METAL3_MACHINE_TEMPLATES, template_of(ours), meta["namespace"])
        await self._own_template(template, cluster)
        name = new_name(meta["name"], self._dice)
        await self._client.create(METAL3_MACHINES, made.metal3_machine(ours, cluster, name, template))
        await self._client.create(KUBEADM_CONFIGS, made.config(ours, cluster, name, first=first))
        self._machines.learn(await self._client.create(MACHINES, made.machine(ours, cluster, name)))
        told = events.event(ours, events.CONTROL_PLANE, "SuccessfulCreate", f'Created Machine "{name}"')
        await events.publish(self._client, told)

    async def _own_template(self, template: Json, cluster: str) -> None:
        """The Cluster owns the template, so that it moves, and goes, with it."""
        owner = self._clusters.get((template["metadata"]["namespace"], cluster))
        if owner is not None and not owner_of(template, CLUSTERS.kind):
            owners = [*template["metadata"].get("ownerReferences", []), CLUSTERS.reference(owner)]
            await self._client.merge_patch(METAL3_MACHINE_TEMPLATES, template, {"metadata": {"ownerReferences": owners}})

    async def _write_status(self, ours: Json) -> None:
        machines = self._machines_of(ours)
        status = status_copy(ours)
        well = sum(is_well(each) for each in machines)
        status_of(status, ours, machines, well=well, outdated=len(self._outdated(ours, machines)))
        await patch_status(self._client, self._ours, ours, status)

    async def _end(self, ours: Json, machines: list[Json]) -> float | None:
        """All Machines at once, then itself."""
        for each in machines:
            if not is_deleted(each):
                await self._client.delete(MACHINES, each["metadata"]["name"], each["metadata"]["namespace"])
        if machines:
            return REACTION_SECONDS
        await drop_finalizers(self._client, KUBEADM_CONTROL_PLANES, self._ours.get(_key(ours)) or ours)
        return None


def _key(obj: Json) -> NamespacedName:
    return obj["metadata"]["namespace"], obj["metadata"]["name"]


def _server_of(machine: Json) -> NamespacedName:
    return machine["metadata"]["namespace"], machine["spec"]["infrastructureRef"]["name"]


def _plane_of(cluster: Json) -> list[NamespacedName]:
    named = (cluster["spec"].get("controlPlaneRef") or {}).get("name")
    return [(cluster["metadata"]["namespace"], named)] if named else []
