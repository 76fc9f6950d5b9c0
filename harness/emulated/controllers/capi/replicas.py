"""MachineSets and MachineDeployments: what they lack is made; counts of their Machines, and their end."""

from harness.emulated.controllers import events
from harness.emulated.controllers.capi import scaling
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
    is_true,
    set_condition,
)
from harness.emulated.kube.resources import (
    CLUSTERS,
    MACHINE_DEPLOYMENTS,
    MACHINE_SETS,
    MACHINES,
    METAL3_MACHINE_TEMPLATES,
    METAL3_MACHINES,
    ResourceMapping,
)

REACTION_SECONDS = 1.0
FINALIZERS = {MACHINE_DEPLOYMENTS: "cluster.x-k8s.io/machinedeployment", MACHINE_SETS: "cluster.x-k8s.io/machineset"}


def count(machines: list[Json]) -> Json:
    """The counts that a status has, of these Machines."""
    ready = sum(is_true(machine, "Ready") for machine in machines)
    versions: dict[str, int] = {}
    for machine in machines:
        version = machine["spec"].get("version", "")
        versions[version] = versions.get(version, 0) + 1
    return {
        "availableReplicas": ready,
        "readyReplicas": ready,
        "replicas": len(machines),
        "upToDateReplicas": len(machines),
        "versions": [{"replicas": replicas, "version": version} for version, replicas in sorted(versions.items())],
    }


class MachineSetReconciler:
    """The reconciler of one of the two kinds; `children` are what it owns."""

    def __init__(self, manager: ControllerManager, resource: ResourceMapping, children: ResourceMapping) -> None:
        self._client: Client = manager.client
        self._dice = manager.pace.random
        self._pace = manager.pace
        self._resource = resource
        self._clusters: Informer = manager.informer(CLUSTERS)
        self._ours: Informer = manager.informer(resource)
        self._children: Informer = manager.informer(children)
        self._machines: Informer = manager.informer(MACHINES)
        self._sets: Informer = manager.informer(MACHINE_SETS)
        queue = manager.controller(resource, self.reconcile, interval_seconds=REACTION_SECONDS)
        manager.maps(children, queue, owner_keys(resource.kind))
        manager.maps(CLUSTERS, queue, self._of_cluster)

    def _of_cluster(self, cluster: Json) -> list[NamespacedName]:
        meta = cluster["metadata"]
        of_it = [each for each in self._ours.items(meta["namespace"]) if each["spec"]["clusterName"] == meta["name"]]
        return [(meta["namespace"], each["metadata"]["name"]) for each in of_it]

    async def reconcile(self, key: NamespacedName) -> float | None:
        """Paused: say so, and nothing else. Otherwise say that it is not, make what is missing, then count."""
        ours = self._ours.get(key)
        cluster = cluster_of(self._clusters, ours, ours["spec"]["clusterName"]) if ours else None
        if ours is None or cluster is None or (is_paused(cluster) and is_deleted(ours)):
            return None
        if not (is_paused(cluster) or is_deleted(ours)):
            ours = await add_finalizer(self._client, self._ours, ours, FINALIZERS[self._resource])
        if await self._say_paused(ours, is_paused(cluster)) or is_paused(cluster):
            return None if is_paused(cluster) else REACTION_SECONDS
        children = [each for each in self._children.items(key[0]) if owner_of(each, self._resource.kind) == key[1]]
        if is_deleted(ours):
            return await self._end(ours, children)
        if self._resource is MACHINE_DEPLOYMENTS:
            await self._deploy(ours, cluster, children)
        else:
            await self._fill(ours, children)
        await self._write_counts(self._ours.get(key) or ours)
        return None

    async def _deploy(self, ours: Json, cluster: Json, sets: list[Json]) -> None:
        """The Cluster owns the deployment and its machines' template; a deployment without a MachineSet gets one."""
        meta = ours["metadata"]
        if not owner_of(ours, "Cluster"):
            owners = [*meta.get("ownerReferences", []), CLUSTERS.reference(cluster)]
            patch = {"metadata": {"annotations": scaling.REVISION, "ownerReferences": owners}}
            self._ours.learn(await self._client.merge_patch(self._resource, ours, patch))
        if sets:
            return
        template = await self._template(ours)
        if not owner_of(template, "Cluster"):
            owners = [*template["metadata"].get("ownerReferences", []), CLUSTERS.reference(cluster)]
            await self._client.merge_patch(METAL3_MACHINE_TEMPLATES, template, {"metadata": {"ownerReferences": owners}})
        made = await self._client.create(MACHINE_SETS, scaling.machine_set(ours, scaling.new_name(meta["name"], self._dice)))
        self._sets.learn(made)
        text = f"Created MachineSet {meta['namespace']}/{made['metadata']['name']} with {made['spec']['replicas']} replicas"
        await events.publish(self._client, events.event(ours, events.MACHINE_DEPLOYMENT, "SuccessfulCreate", text))

    async def _fill(self, ours: Json, machines: list[Json]) -> None:
        """Make the Machines that are missing, each after its Metal3Machine. Too many are left alone."""
        for _ in range(ours["spec"].get("replicas", 1) - len(machines)):
            template = await self._template(ours)
            name = scaling.new_name(ours["metadata"]["name"], self._dice)
            await self._client.create(METAL3_MACHINES, scaling.metal3_machine(ours, name, template))
            self._machines.learn(await self._client.create(MACHINES, scaling.machine(ours, name)))
            told = events.event(ours, events.MACHINE_SET, "SuccessfulCreate", f'Created Machine "{name}"')
            await events.publish(self._client, told)

    async def _template(self, ours: Json) -> Json:
        """The template of the machines; StatusError where there is none, and the queue tries again."""
        named = ours["spec"]["template"]["spec"]["infrastructureRef"]["name"]
        return await self._client.get(METAL3_MACHINE_TEMPLATES, named, ours["metadata"]["namespace"])

    async def _say_paused(self, ours: Json, paused: bool) -> bool:
        status = status_copy(ours)
        set_condition(status, PAUSED if paused else NOT_PAUSED, ours["metadata"]["generation"])
        return await patch_status(self._client, self._ours, ours, status)

    async def _write_counts(self, ours: Json) -> None:
        status, meta = status_copy(ours), ours["metadata"]
        counts = count(self._machines_of(ours))
        wanted, ready = ours["spec"].get("replicas", 0), counts["readyReplicas"]
        for said in _conditions(wanted, counts["replicas"], ready, deployment=self._resource is MACHINE_DEPLOYMENTS):
            set_condition(status, said, meta["generation"])
        labels = ours["spec"]["selector"]["matchLabels"]
        status.update(counts, observedGeneration=meta["generation"], selector=_selector(labels))
        if self._resource is MACHINE_DEPLOYMENTS:
            status["phase"] = "Running" if counts["replicas"] >= wanted else "ScalingUp"
        await patch_status(self._client, self._ours, ours, status)

    def _machines_of(self, ours: Json) -> list[Json]:
        namespace, name = ours["metadata"]["namespace"], ours["metadata"]["name"]
        names = {name}
        if self._resource is MACHINE_DEPLOYMENTS:
            sets = self._sets.items(namespace)
            names = {each["metadata"]["name"] for each in sets if owner_of(each, self._resource.kind) == name}
        return [machine for machine in self._machines.items(namespace) if owner_of(machine, "MachineSet") in names]

    async def _end(self, ours: Json, children: list[Json]) -> float | None:
        for child in children:
            if not is_deleted(child):
                await self._client.delete(self._children.resource, child["metadata"]["name"], child["metadata"]["namespace"])
        if children:
            return REACTION_SECONDS
        await drop_finalizers(self._client, self._resource, ours)
        return None


def _conditions(wanted: int, there: int, ready: int, *, deployment: bool) -> list[Condition]:
    up = there < wanted
    said = [
        Condition("MachinesReady", "True", "Ready") if ready == there else Condition("MachinesReady", "False", "NotReady"),
        Condition("MachinesUpToDate", "True", "UpToDate"),
        *STEADY,
        SCALING_UP if up else NOT_SCALING_UP,
        Condition("Deleting", "False", "NotDeleting"),
    ]
    if deployment:
        limits = f"spec.strategy.rollout.maxUnavailable is 0, spec.replicas is {wanted}"
        text = f"{ready} available replicas, at least {wanted} required ({limits})"
        available = Condition("Available", "True", "Available")
        missing = Condition("Available", "False", "NotAvailable", text)
        said = [available if ready >= wanted else missing, NOT_ROLLING_OUT, *said]
    return said


def _selector(labels: Json) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
