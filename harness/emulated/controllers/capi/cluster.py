"""Clusters: paused or not, infrastructure, control plane, counts, and the end."""

from harness.emulated.controllers import events
from harness.emulated.controllers.capi.plane import ControlPlanes, availability, newness
from harness.emulated.controllers.capi.replicas import count
from harness.emulated.controllers.informer import Informer, NamespacedName
from harness.emulated.controllers.objects import (
    CLUSTER_LABEL,
    add_finalizer,
    drop_finalizers,
    is_deleted,
    is_paused,
    owner_of,
    patch_status,
    status_copy,
)
from harness.emulated.controllers.runtime import ControllerManager, owner_keys
from harness.emulated.kube.client import Client, Json
from harness.emulated.kube.conditions import (
    NOT_PAUSED,
    NOT_ROLLING_OUT,
    NOT_SCALING_UP,
    PAUSED,
    SCALING_UP,
    STEADY,
    Condition,
    find,
    is_true,
    set_condition,
    set_deprecated,
)
from harness.emulated.kube.resources import (
    CLUSTERS,
    KUBEADM_CONTROL_PLANES,
    MACHINE_DEPLOYMENTS,
    MACHINES,
    METAL3_CLUSTERS,
)

REACTION_SECONDS = 1.0
INFRASTRUCTURE_SECONDS = 30.0
"""So long later it looks again for an infrastructure that is not there, as upstream: nothing tells of one that is nobody's."""
FINALIZER = "cluster.cluster.x-k8s.io"
CONTROL_PLANE_LABEL = "cluster.x-k8s.io/control-plane"
NOT_REPORTED = "Condition Available not yet reported"


class ClusterReconciler:
    """The reconciler of Clusters."""

    def __init__(self, manager: ControllerManager, *, kubeadm: bool = False) -> None:
        self._client: Client = manager.client
        self._ours: Informer = manager.informer(CLUSTERS)
        self._infrastructure: Informer = manager.informer(METAL3_CLUSTERS)
        self._machines: Informer = manager.informer(MACHINES)
        self._deployments: Informer = manager.informer(MACHINE_DEPLOYMENTS)
        queue = manager.controller(CLUSTERS, self.reconcile, interval_seconds=REACTION_SECONDS)
        manager.maps(METAL3_CLUSTERS, queue, owner_keys("Cluster"))
        manager.maps(MACHINES, queue, _cluster_of)
        manager.maps(MACHINE_DEPLOYMENTS, queue, _cluster_of)
        self._planes = ControlPlanes(manager) if kubeadm else None
        if self._planes:
            manager.maps(KUBEADM_CONTROL_PLANES, queue, self._planes.keys)

    async def reconcile(self, key: NamespacedName) -> float | None:
        """Paused: say so, and nothing else. Otherwise say that it is not, then everything else."""
        ours = self._ours.get(key)
        if ours is None or (is_deleted(ours) and (is_paused(ours) or not ours["metadata"].get("finalizers"))):
            return None
        if not (is_paused(ours) or is_deleted(ours)):
            ours = await add_finalizer(self._client, self._ours, ours, FINALIZER)
        paused, generation = is_paused(ours), ours["metadata"]["generation"]
        status = status_copy(ours)
        set_condition(status, PAUSED if paused else NOT_PAUSED, generation)
        if await patch_status(self._client, self._ours, ours, status) or paused:
            return None if paused else REACTION_SECONDS
        machines = [each for each in self._machines.items(key[0]) if each["spec"]["clusterName"] == key[1]]
        if is_deleted(ours):
            return await self._end(ours, machines)
        return None if await self._write(ours, machines) else INFRASTRUCTURE_SECONDS

    async def _write(self, ours: Json, machines: list[Json]) -> bool:
        """Bring its status up to date; was its infrastructure there?"""
        status, generation = status_copy(ours), ours["metadata"]["generation"]
        key = (ours["metadata"]["namespace"], ours["metadata"]["name"])
        infrastructure = await self._own_infrastructure(ours, self._infrastructure.get(key))
        provisioned = bool((infrastructure or {}).get("status", {}).get("initialization", {}).get("provisioned"))
        plane = await self._planes.own(ours) if self._planes else None
        planes = [each for each in machines if CONTROL_PLANE_LABEL in each["metadata"].get("labels", {})]
        workers = [each for each in machines if each not in planes]
        if provisioned:
            status.setdefault("initialization", {})["infrastructureProvisioned"] = True
        if plane and plane.get("status", {}).get("initialization", {}).get("controlPlaneInitialized"):
            status.setdefault("initialization", {})["controlPlaneInitialized"] = True
        initialized = is_true(ours, "ControlPlaneInitialized") or any(each.get("status", {}).get("nodeRef") for each in planes)
        deployments = list(self._deployments.items(key[0]))
        wanted = sum(each["spec"].get("replicas", 0) for each in deployments)
        available = _workers_available(deployments)
        of_plane = availability(ours, plane)
        conditions = _conditions(planes, workers, (of_plane, available), provisioned=provisioned, initialized=initialized)
        for said in (_available(of_plane, available), *conditions, *_of_size(planes, plane, deployments)):
            set_condition(status, said, generation)
        for said in _deprecated(provisioned=provisioned, initialized=initialized):
            set_deprecated(status, said)
        counted = {name: number for name, number in count(planes).items() if name != "upToDateReplicas"}
        status["controlPlane"] = {**counted, "desiredReplicas": plane["spec"]["replicas"] if plane else len(planes)}
        status["workers"] = {**count(workers), "desiredReplicas": wanted}
        status["observedGeneration"] = generation
        await self._enter_phase(ours, status, "Provisioned" if provisioned else "Provisioning")
        await patch_status(self._client, self._ours, ours, status)
        return infrastructure is not None

    async def _own_infrastructure(self, ours: Json, infrastructure: Json | None) -> Json | None:
        """Become the owner of the Metal3Cluster, which waits for one; the object as it is then."""
        if infrastructure is None or owner_of(infrastructure, "Cluster"):
            return infrastructure
        owners = [*infrastructure["metadata"].get("ownerReferences", []), CLUSTERS.reference(ours)]
        meta = {"labels": {CLUSTER_LABEL: ours["metadata"]["name"]}, "ownerReferences": owners}
        return self._infrastructure.learn(await self._client.merge_patch(METAL3_CLUSTERS, infrastructure, {"metadata": meta}))

    async def _enter_phase(self, ours: Json, status: Json, phase: str) -> None:
        name = ours["metadata"]["name"]
        told = [(phase, f"Cluster {name} is {phase}")] if status.get("phase") != phase else []
        if told and phase == "Provisioned":
            told.insert(0, ("InfrastructureReady", f"Cluster {name} InfrastructureProvisioned is now True"))
        for reason, message in told:
            await events.publish(self._client, events.event(ours, events.CLUSTER, reason, message))
        status["phase"] = phase

    async def _end(self, ours: Json, machines: list[Json]) -> float | None:
        """Workers and control plane first, then the infrastructure, then the Cluster."""
        namespace, name = ours["metadata"]["namespace"], ours["metadata"]["name"]
        status = status_copy(ours)
        if status.get("phase") != "Deleting":
            await events.publish(self._client, events.event(ours, events.CLUSTER, "Deleting", f"Cluster {name} is Deleting"))
        await patch_status(self._client, self._ours, ours, {**status, "phase": "Deleting"})
        deployments = [each for each in self._deployments.items(namespace) if each["spec"]["clusterName"] == name]
        planes = [each for each in machines if CONTROL_PLANE_LABEL in each["metadata"].get("labels", {})]
        alone = [each for each in planes if not owner_of(each, KUBEADM_CONTROL_PLANES.kind)]
        for resource, children in ((MACHINE_DEPLOYMENTS, deployments), (MACHINES, alone)):
            for child in children:
                if not is_deleted(child):
                    await self._client.delete(resource, child["metadata"]["name"], namespace)
        has_ended = deployments or self._planes is None or await self._planes.end(ours)
        if deployments or machines or not has_ended:
            return REACTION_SECONDS
        infrastructure = self._infrastructure.get((namespace, name))
        if infrastructure is not None:
            if not is_deleted(infrastructure):
                await self._client.delete(METAL3_CLUSTERS, name, namespace)
            return REACTION_SECONDS
        await events.publish(self._client, events.event(ours, events.CLUSTER, "Deleted", f"Cluster {name} has been deleted"))
        self._ours.learn(await drop_finalizers(self._client, CLUSTERS, self._ours.get((namespace, name)) or ours))
        return None


def _cluster_of(obj: Json) -> list[NamespacedName]:
    meta = obj["metadata"]
    return [(meta["namespace"], meta.get("labels", {}).get(CLUSTER_LABEL, ""))]


def _workers_available(deployments: list[Json]) -> Condition:
    """The sum of the MachineDeployments' own conditions: one that is False counts more than one that is not there yet."""
    said = {each["metadata"]["name"]: find(each.get("status", {}), "Available") for each in deployments}
    wrong = {name: condition for name, condition in said.items() if condition is None or condition["status"] != "True"}
    if not wrong:
        return Condition("WorkersAvailable", "True", "Available")
    messages = {name: condition["message"] if condition else NOT_REPORTED for name, condition in wrong.items()}
    text = "\n".join(f"* MachineDeployment {name}: {message}" for name, message in sorted(messages.items()))
    if any(condition and condition["status"] == "False" for condition in wrong.values()):
        return Condition("WorkersAvailable", "False", "NotAvailable", text)
    return Condition("WorkersAvailable", "Unknown", "AvailableUnknown", text)


def _available(plane: Condition, workers: Condition) -> Condition:
    """The Cluster's Available condition: never True where its control plane is unknown, False if workers are not available."""
    if plane.status == workers.status == "True":
        return Condition("Available", "True", "Available")
    text = f"* ControlPlaneAvailable: {plane.message}"
    if plane.status != "Unknown":
        wrong = "False" if "False" in (plane.status, workers.status) else "Unknown"
        return Condition("Available", wrong, "NotAvailable" if wrong == "False" else "AvailableUnknown", text)
    if workers.status == "True":
        return Condition("Available", "Unknown", "AvailableUnknown", text)
    nested = workers.message.replace("\n", "\n  ")
    return Condition("Available", workers.status, workers.reason, f"{text}\n* WorkersAvailable:\n  {nested}")


def _conditions(
    planes: list[Json], workers: list[Json], available: tuple[Condition, Condition], *, provisioned: bool, initialized: bool
) -> list[Condition]:
    return [
        Condition("RemoteConnectionProbe", "True", "ProbeSucceeded"),
        Condition("InfrastructureReady", "True", "Ready")
        if provisioned
        else Condition("InfrastructureReady", "False", "NotReady"),
        Condition("ControlPlaneInitialized", "True", "Initialized")
        if initialized
        else Condition(
            "ControlPlaneInitialized",
            "False",
            "NotInitialized",
            "Waiting for the first control plane machine to have status.nodeRef set",
        ),
        *available,
        _all_ready("ControlPlaneMachinesReady", planes, "Ready", "NotReady"),
        _all_ready("WorkerMachinesReady", workers, "Ready", "NotReady"),
        Condition("Deleting", "False", "NotDeleting"),
    ]


def _deprecated(*, provisioned: bool, initialized: bool) -> list[Condition]:
    """The same in the v1beta1 contract's words: CAPM3 does nothing to a machine before it reads InfrastructureReady there."""
    ready = "True" if provisioned else "False"
    initial = "Waiting for the first control plane machine to have its status.nodeRef set"
    return [
        Condition("Ready", ready, "WaitingForInfrastructure"),
        Condition("InfrastructureReady", ready, "WaitingForInfrastructure"),
        Condition("ControlPlaneInitialized", "True" if initialized else "False", "MissingNodeRef", initial),
    ]


def _of_size(planes: list[Json], plane: Json | None, deployments: list[Json]) -> list[Condition]:
    """How many Machines there are, and how new."""
    makers = [*deployments, *([plane] if plane else [])]
    scaling = any(is_true(each, "ScalingUp") for each in makers)
    rolling = any(is_true(each, "RollingOut") for each in makers)
    return [
        Condition("RollingOut", "True", "RollingOut") if rolling else NOT_ROLLING_OUT,
        *STEADY,
        SCALING_UP if scaling else NOT_SCALING_UP,
        newness(planes, plane),
        Condition("WorkerMachinesUpToDate", "True", "UpToDate" if deployments else "NoReplicas"),
    ]


def _all_ready(name: str, machines: list[Json], good: str, bad: str) -> Condition:
    well = all(is_true(machine, "Ready") for machine in machines)
    return Condition(name, "True", good) if well else Condition(name, "False", bad)
