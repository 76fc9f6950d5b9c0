"""Machines: infrastructure from the Metal3Machine, the Node by its providerID in the workload cluster, phase, and the end."""

import contextlib

import aiohttp

from harness.emulated.controllers import events
from harness.emulated.controllers.capi.bootstrap import Bootstrap, condition_of, configs_of
from harness.emulated.controllers.capi.members import ClusterMembers
from harness.emulated.controllers.informer import Informer, NamespacedName
from harness.emulated.controllers.kubeconfig import Workloads
from harness.emulated.controllers.objects import (
    CLUSTER_LABEL,
    add_finalizer,
    drop_finalizers,
    has_infrastructure,
    is_deleted,
    is_paused,
    owner_of,
    patch_status,
    status_copy,
)
from harness.emulated.controllers.runtime import ControllerManager, owner_keys
from harness.emulated.kube.client import Client, Json, StatusError
from harness.emulated.kube.conditions import NOT_PAUSED, PAUSED, Condition, find, is_true, set_condition
from harness.emulated.kube.resources import (
    CLUSTERS,
    KUBEADM_CONFIGS,
    KUBEADM_CONTROL_PLANES,
    MACHINE_SETS,
    MACHINES,
    METAL3_MACHINES,
    NODES,
)
from harness.emulated.kube.times import timestamp
from harness.emulated.plan.plan import node_marks

REACTION_SECONDS = 1.0
FINALIZER = "machine.cluster.x-k8s.io"
NODE_POLL_SECONDS = 5.0
"""The real one watches Nodes; ours looks again and again, at one list for all Machines."""
NO_INFRASTRUCTURE = "Waiting for Cluster status.initialization.infrastructureProvisioned to be true"
NO_CONTROL_PLANE = "Waiting for Cluster control plane to be initialized"
NOT_DELETING = Condition("Deleting", "False", "NotDeleting")
WAITING_FOR_INFRASTRUCTURE = Condition(
    "Deleting", "True", "WaitingForInfrastructureDeletion", "Waiting for Metal3Machine to be deleted"
)
DELETION_COMPLETED = Condition("Deleting", "True", "DeletionCompleted", "Deletion completed")
NOT_AVAILABLE = Condition("Available", "False", "NotReady")
MAKERS = (MACHINE_SETS.kind, KUBEADM_CONTROL_PLANES.kind)
PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure")


class MachineReconciler:
    """The reconciler of Machines."""

    def __init__(self, manager: ControllerManager, workloads: Workloads, *, kubeadm: bool = False) -> None:
        self._client: Client = manager.client
        self._workloads = workloads
        self._ours: Informer = manager.informer(MACHINES)
        self._of = ClusterMembers(manager, self._ours)
        self._infrastructure: Informer = manager.informer(METAL3_MACHINES)
        queue = manager.controller(MACHINES, self.reconcile, interval_seconds=REACTION_SECONDS)
        manager.maps(METAL3_MACHINES, queue, owner_keys("Machine"))
        manager.maps(CLUSTERS, queue, self._of.keys)
        self._bootstrap = Bootstrap(manager) if kubeadm else None
        if kubeadm:
            manager.maps(KUBEADM_CONFIGS, queue, configs_of)

    async def reconcile(self, key: NamespacedName) -> float | None:
        """Paused: say so, and nothing else. Otherwise say that it is not, then everything else."""
        ours, cluster = self._of.found(key)
        if ours is None or cluster is None:
            return None
        if not (is_paused(cluster) or is_deleted(ours)):
            ours = await add_finalizer(self._client, self._ours, ours, FINALIZER)
        if await self._say_paused(ours, is_paused(cluster)) or is_paused(cluster):
            return None if is_paused(cluster) else REACTION_SECONDS
        infrastructure = self._infrastructure.get((key[0], ours["spec"]["infrastructureRef"]["name"]))
        node = await self._node_of(ours) if has_infrastructure(cluster) else None
        if is_deleted(ours):
            return await self._end(ours, infrastructure, node, cluster)
        if self._bootstrap:
            ours = await self._bootstrap.take(ours)
        infrastructure = await self._own_infrastructure(ours, infrastructure)
        await self._write(ours, infrastructure, node, cluster)
        await self._be_owned(self._ours.get(key) or ours, cluster)
        return NODE_POLL_SECONDS

    async def _own_infrastructure(self, ours: Json, infrastructure: Json | None) -> Json | None:
        """Become the controlling owner of the Metal3Machine, in the place of the MachineSet that made it; the object as it is then."""
        if infrastructure is None or owner_of(infrastructure, "Machine"):
            return infrastructure
        meta = infrastructure["metadata"]
        others = [each for each in meta.get("ownerReferences", []) if each["kind"] not in MAKERS]
        owner = {**MACHINES.reference(ours), "controller": True, "blockOwnerDeletion": True}
        patch = {"labels": {CLUSTER_LABEL: ours["spec"]["clusterName"]}, "ownerReferences": [*others, owner]}
        return self._infrastructure.learn(await self._client.merge_patch(METAL3_MACHINES, infrastructure, {"metadata": patch}))

    async def _be_owned(self, ours: Json, cluster: Json) -> None:
        """A Machine that stands alone is the Cluster's."""
        if not ours["metadata"].get("ownerReferences"):
            owned = {"metadata": {"ownerReferences": [CLUSTERS.reference(cluster)]}}
            self._ours.learn(await self._client.merge_patch(MACHINES, ours, owned))

    async def _say_paused(self, ours: Json, paused: bool) -> bool:
        status = status_copy(ours)
        set_condition(status, PAUSED if paused else NOT_PAUSED, ours["metadata"]["generation"])
        return await patch_status(self._client, self._ours, ours, status)

    async def _node_of(self, ours: Json) -> Json | None:
        """The Node with the Machine's providerID, or None; also when the workload cluster does not answer."""
        workload = await self._workloads.client(ours["metadata"]["namespace"], ours["spec"]["clusterName"])
        if workload is None:
            return None
        try:
            provider = ours["spec"].get("providerID")
            return await self._workloads.node_of(workload, provider) if provider else None
        except (StatusError, aiohttp.ClientError, TimeoutError, OSError):
            return None

    async def _write(self, ours: Json, infrastructure: Json | None, node: Json | None, cluster: Json) -> None:
        status, generation = status_copy(ours), ours["metadata"]["generation"]
        found = infrastructure or {}
        if found.get("status", {}).get("initialization", {}).get("provisioned"):
            status["initialization"] = {"infrastructureProvisioned": True}
            status["addresses"] = found["status"].get("addresses", [])
        if provider := found.get("spec", {}).get("providerID"):
            await self._take_provider_id(ours, provider)
        had_node = "nodeRef" in status
        if node is not None:
            status["nodeRef"] = {"name": node["metadata"]["name"]}
            status["nodeInfo"] = node.get("status", {}).get("nodeInfo", {})
        for said in _conditions(ours, infrastructure, _node_conditions(status, node, cluster), NOT_DELETING):
            set_condition(status, said, generation)
        phase = _phase(ours, status)
        if phase != status.get("phase"):
            status.update(phase=phase, lastUpdated=timestamp())
        status["observedGeneration"] = generation
        if node is not None and not had_node:
            await self._mark(ours, node)
            await events.publish(
                self._client, events.event(ours, events.MACHINE, "SuccessfulSetNodeRef", node["metadata"]["name"])
            )
        await patch_status(self._client, self._ours, self._ours.get(_key(ours)) or ours, status)

    async def _mark(self, ours: Json, node: Json) -> None:
        """Annotate the Node with its owner; if the workload cluster does not answer, retry when the Node is next found."""
        workload = await self._workloads.client(ours["metadata"]["namespace"], ours["spec"]["clusterName"])
        marks = node_marks(
            cluster=ours["spec"]["clusterName"],
            namespace=ours["metadata"]["namespace"],
            machine=ours["metadata"]["name"],
            machine_set=owner_of(ours, MACHINE_SETS.kind),
        )
        if workload is not None and not marks.items() <= (node["metadata"].get("annotations") or {}).items():
            with contextlib.suppress(StatusError, aiohttp.ClientError, TimeoutError, OSError):
                await workload.merge_patch(NODES, node, {"metadata": {"annotations": marks}})

    async def _take_provider_id(self, ours: Json, provider: str) -> None:
        if ours["spec"].get("providerID") != provider:
            self._ours.learn(await self._client.merge_patch(MACHINES, ours, {"spec": {"providerID": provider}}))

    async def _end(self, ours: Json, infrastructure: Json | None, node: Json | None, cluster: Json) -> float | None:
        """Delete the infrastructure, wait for it, then go."""
        status, generation = status_copy(ours), ours["metadata"]["generation"]
        deleting = WAITING_FOR_INFRASTRUCTURE if infrastructure else DELETION_COMPLETED
        for said in _conditions(ours, infrastructure, _node_conditions(status, node, cluster), deleting):
            set_condition(status, said, generation)
        status["phase"] = "Deleting"
        await patch_status(self._client, self._ours, ours, status)
        if self._bootstrap:
            await self._bootstrap.end(ours)
        if infrastructure is None:
            await drop_finalizers(self._client, MACHINES, self._ours.get(_key(ours)) or ours)
            return None
        if not is_deleted(infrastructure):
            meta = infrastructure["metadata"]
            await self._client.delete(METAL3_MACHINES, meta["name"], meta["namespace"])
        return NODE_POLL_SECONDS


def _key(obj: Json) -> NamespacedName:
    return obj["metadata"]["namespace"], obj["metadata"]["name"]


def _phase(ours: Json, status: Json) -> str:
    if "nodeRef" in status and status.get("initialization", {}).get("infrastructureProvisioned"):
        return "Running"
    return "Provisioned" if ours["spec"].get("providerID") else "Pending"


def _conditions(ours: Json, infrastructure: Json | None, of_node: list[Condition], deleting: Condition) -> list[Condition]:
    """All of them in upstream's order; Ready is their sum, and what a MachineSet owns also tells whether it is up to date."""
    summed = [
        condition_of(ours),
        _infrastructure_ready(infrastructure, gone=deleting == DELETION_COMPLETED),
        *of_node,
    ]
    up_to_date = [Condition("UpToDate", "True", "UpToDate")] if owner_of(ours, "MachineSet") else []
    rest = [Condition("Updating", "False", "NotUpdating"), deleting]
    verdict = _sum({said.status for said in summed} | ({"False"} if deleting.status == "True" else set()))
    available = Condition("Available", "True", "Available") if verdict.status == "True" else NOT_AVAILABLE
    return [available, verdict, *up_to_date, *summed, *rest]


def _infrastructure_ready(infrastructure: Json | None, *, gone: bool) -> Condition:
    if gone:
        return Condition("InfrastructureReady", "False", "ObjectDeleted", "Metal3Machine has been deleted")
    found = infrastructure or {}
    if is_true(found, "Ready"):
        return Condition("InfrastructureReady", "True", "Ready")
    ready = find(found.get("status", {}), "Ready") or {}
    if ready.get("status") == "Unknown":
        return Condition("InfrastructureReady", "Unknown", "ReadyUnknown", ready["message"])
    return Condition("InfrastructureReady", "False", "NotReady", ready.get("message", ""))


def _sum(statuses: set[str]) -> Condition:
    if statuses == {"True"}:
        return Condition("Ready", "True", "Ready")
    return Condition("Ready", "False", "NotReady") if "False" in statuses else Condition("Ready", "Unknown", "ReadyUnknown")


def _node_conditions(status: Json, node: Json | None, cluster: Json) -> list[Condition]:
    """Nothing is known of the Node before the Cluster has infrastructure and a control plane."""
    if not has_infrastructure(cluster):
        return _of_node("Unknown", "InspectionFailed", NO_INFRASTRUCTURE)
    if not is_true(cluster, "ControlPlaneInitialized"):
        return _of_node("Unknown", "InspectionFailed", NO_CONTROL_PLANE)
    if node is None and (gone := status.get("nodeRef", {}).get("name")):
        return _of_node("False", "NodeDeleted", f"Node {gone} has been deleted")
    if node is None:
        return _of_node("Unknown", "InspectionFailed", "Waiting for a Node with spec.providerID to exist")
    told = {each["type"]: each["status"] for each in node.get("status", {}).get("conditions", [])}
    ready = told.get("Ready", "Unknown")
    healthy = ready == "True" and all(told.get(pressure) == "False" for pressure in PRESSURES)
    reasons = {"True": "NodeReady", "False": "NodeNotReady", "Unknown": "NodeReadyUnknown"}
    verdict = "True" if healthy else "Unknown" if ready == "Unknown" else "False"
    names = {"True": "NodeHealthy", "False": "NodeNotHealthy", "Unknown": "NodeHealthyUnknown"}
    return [Condition("NodeHealthy", verdict, names[verdict]), Condition("NodeReady", ready, reasons[ready])]


def _of_node(status: str, reason: str, message: str) -> list[Condition]:
    return [Condition(kind, status, reason, message) for kind in ("NodeHealthy", "NodeReady")]
