"""MachineSets and MachineDeployments: what they lack is made, and what is too much deleted; counts of their Machines, and their end."""

from harness.emulated.controllers import events, objects
from harness.emulated.controllers.capi import rolling, scaling
from harness.emulated.controllers.capi.members import ClusterMembers
from harness.emulated.controllers.informer import Informer, NamespacedName
from harness.emulated.controllers.runtime import ControllerManager, owner_keys
from harness.emulated.kube import conditions, resources
from harness.emulated.kube.client import Client, Json

REACTION_SECONDS = 1.0
FINALIZERS = {
    resources.MACHINE_DEPLOYMENTS: "cluster.x-k8s.io/machinedeployment",
    resources.MACHINE_SETS: "cluster.x-k8s.io/machineset",
}


def count(machines: list[Json]) -> Json:
    """The counts that a status has, of these Machines."""
    ready = sum(conditions.is_true(machine, "Ready") for machine in machines)
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

    def __init__(
        self, manager: ControllerManager, resource: resources.ResourceMapping, children: resources.ResourceMapping
    ) -> None:
        self._client: Client = manager.client
        self._dice = manager.pace.random
        self._pace = manager.pace
        self._resource = resource
        self._ours: Informer = manager.informer(resource)
        self._of = ClusterMembers(manager, self._ours)
        self._children: Informer = manager.informer(children)
        self._machines: Informer = manager.informer(resources.MACHINES)
        self._sets: Informer = manager.informer(resources.MACHINE_SETS)
        queue = manager.controller(resource, self.reconcile, interval_seconds=REACTION_SECONDS)
        manager.maps(children, queue, owner_keys(resource.kind))
        manager.maps(resources.CLUSTERS, queue, self._of.keys)

    async def reconcile(self, key: NamespacedName) -> float | None:
        """Paused: say so, and nothing else. Otherwise say that it is not, make what is missing, then count."""
        ours, cluster = self._of.found(key)
        if ours is None or cluster is None:
            return None
        if not (objects.is_paused(cluster) or objects.is_deleted(ours)):
            ours = await objects.add_finalizer(self._client, self._ours, ours, FINALIZERS[self._resource])
        if await self._say_paused(ours, objects.is_paused(cluster)) or objects.is_paused(cluster):
            return None if objects.is_paused(cluster) else REACTION_SECONDS
        children = [each for each in self._children.items(key[0]) if objects.owner_of(each, self._resource.kind) == key[1]]
        if objects.is_deleted(ours):
            return await self._end(ours, children)
        if self._resource is resources.MACHINE_DEPLOYMENTS:
            await self._deploy(ours, cluster, children)
        else:
            await self._fill(ours, children)
        await self._write_counts(self._ours.get(key) or ours)
        return None

    async def _deploy(self, ours: Json, cluster: Json, sets: list[Json]) -> None:
        """The Cluster owns the deployment and its machines' template; its MachineSet of that template grows, all others shrink."""
        meta = ours["metadata"]
        if not objects.owner_of(ours, "Cluster"):
            owners = [*meta.get("ownerReferences", []), resources.CLUSTERS.reference(cluster)]
            patch = {"metadata": {"annotations": scaling.REVISION, "ownerReferences": owners}}
            self._ours.learn(await self._client.merge_patch(self._resource, ours, patch))
        current = next((each for each in sets if rolling.is_current(ours, each)), None)
        old = [each for each in sets if each is not current]
        size = rolling.new_size(ours, current, old)
        if current is None:
            current = await self._make_set(ours, cluster, size, old)
        elif current["spec"].get("replicas") != size:
            current = await self._scale(current, size)
        for each in old:
            await self._roll_over(ours, current, old, each)

    async def _roll_over(self, ours: Json, current: Json, old: list[Json], each: Json) -> None:
        """Scale an old set down as far as may be; one without Machines goes."""
        size = rolling.old_sizes(ours, current, old)[each["metadata"]["name"]]
        if each["spec"].get("replicas") != size:
            await self._scale(each, size)
        elif not size and not rolling.counted(each) and not objects.is_deleted(each):
            await self._client.delete(resources.MACHINE_SETS, each["metadata"]["name"], each["metadata"]["namespace"])

    async def _scale(self, machine_set: Json, size: int) -> Json:
        return self._sets.learn(await self._client.merge_patch(resources.MACHINE_SETS, machine_set, {"spec": {"replicas": size}}))

    async def _make_set(self, ours: Json, cluster: Json, size: int, old: list[Json]) -> Json:
        """The MachineSet of the template as it is now; the Cluster comes to own what it refers to."""
        meta = ours["metadata"]
        await self._own(resources.METAL3_MACHINE_TEMPLATES, await self._template(ours), cluster)
        if config := scaling.config_template(ours):
            found = await self._client.get(resources.KUBEADM_CONFIG_TEMPLATES, config, meta["namespace"])
            await self._own(resources.KUBEADM_CONFIG_TEMPLATES, found, cluster)
        revision = 1 + max((scaling.revision_of(each) for each in old), default=0)
        wanted = scaling.machine_set(ours, scaling.new_name(meta["name"], self._dice), size=size, revision=revision)
        made = self._sets.learn(await self._client.create(resources.MACHINE_SETS, wanted))
        if old:
            told = {"metadata": {"annotations": {scaling.REVISION_KEY: str(revision)}}}
            self._ours.learn(await self._client.merge_patch(self._resource, ours, told))
        text = f"Created MachineSet {meta['namespace']}/{made['metadata']['name']} with {size} replicas"
        await events.publish(self._client, events.event(ours, events.MACHINE_DEPLOYMENT, "SuccessfulCreate", text))
        return made

    async def _own(self, resource: resources.ResourceMapping, template: Json, cluster: Json) -> None:
        if not objects.owner_of(template, "Cluster"):
            owners = [*template["metadata"].get("ownerReferences", []), resources.CLUSTERS.reference(cluster)]
            await self._client.merge_patch(resource, template, {"metadata": {"ownerReferences": owners}})

    async def _fill(self, ours: Json, machines: list[Json]) -> None:
        """Make the Machines that are missing, each after its Metal3Machine and its config; delete those that are too many."""
        wanted = ours["spec"].get("replicas", 1)
        for _ in range(wanted - len(machines)):
            template = await self._template(ours)
            name = scaling.new_name(ours["metadata"]["name"], self._dice)
            await self._client.create(resources.METAL3_MACHINES, scaling.metal3_machine(ours, name, template))
            if config := scaling.config_template(ours):
                found = await self._client.get(resources.KUBEADM_CONFIG_TEMPLATES, config, ours["metadata"]["namespace"])
                await self._client.create(resources.KUBEADM_CONFIGS, scaling.kubeadm_config(ours, name, found))
            self._machines.learn(await self._client.create(resources.MACHINES, scaling.machine(ours, name)))
            told = events.event(ours, events.MACHINE_SET, "SuccessfulCreate", f'Created Machine "{name}"')
            await events.publish(self._client, told)
        staying = [each for each in machines if not objects.is_deleted(each)]
        for each in sorted(staying, key=lambda one: one["metadata"]["name"])[
            : len(staying) - wanted if len(staying) > wanted else 0
        ]:
            await self._client.delete(resources.MACHINES, each["metadata"]["name"], each["metadata"]["namespace"])
            text = f'Deleted Machine "{each["metadata"]["name"]}"'
            await events.publish(self._client, events.event(ours, events.MACHINE_SET, "SuccessfulDelete", text))

    async def _template(self, ours: Json) -> Json:
        """The template of the machines; StatusError where there is none, and the queue tries again."""
        named = ours["spec"]["template"]["spec"]["infrastructureRef"]["name"]
        return await self._client.get(resources.METAL3_MACHINE_TEMPLATES, named, ours["metadata"]["namespace"])

    async def _say_paused(self, ours: Json, paused: bool) -> bool:
        status = objects.status_copy(ours)
        conditions.set_condition(status, conditions.PAUSED if paused else conditions.NOT_PAUSED, ours["metadata"]["generation"])
        return await objects.patch_status(self._client, self._ours, ours, status)

    async def _write_counts(self, ours: Json) -> None:
        status, meta = objects.status_copy(ours), ours["metadata"]
        machines = self._machines_of(ours)
        outdated = len(self._outdated(ours, machines))
        counts = count(machines) | {"upToDateReplicas": len(machines) - outdated}
        deployment = self._resource is resources.MACHINE_DEPLOYMENTS
        for said in _conditions(ours, counts, missing=rolling.limits(ours)[1] if deployment else None):
            conditions.set_condition(status, said, meta["generation"])
        labels = ours["spec"]["selector"]["matchLabels"]
        status.update(counts, observedGeneration=meta["generation"], selector=_selector(labels))
        if deployment:
            status["phase"] = "Running" if counts["replicas"] >= ours["spec"].get("replicas", 0) else "ScalingUp"
        await objects.patch_status(self._client, self._ours, ours, status)

    def _outdated(self, ours: Json, machines: list[Json]) -> list[Json]:
        """Of a deployment: the Machines of sets that are not of its template any more."""
        if self._resource is not resources.MACHINE_DEPLOYMENTS:
            return []
        sets = {each["metadata"]["name"]: each for each in self._sets.items(ours["metadata"]["namespace"])}
        of = {each["metadata"]["name"]: sets.get(objects.owner_of(each, "MachineSet")) for each in machines}
        return [each for each in machines if (made := of[each["metadata"]["name"]]) and not rolling.is_current(ours, made)]

    def _machines_of(self, ours: Json) -> list[Json]:
        namespace, name = ours["metadata"]["namespace"], ours["metadata"]["name"]
        names = {name}
        if self._resource is resources.MACHINE_DEPLOYMENTS:
            sets = self._sets.items(namespace)
            names = {each["metadata"]["name"] for each in sets if objects.owner_of(each, self._resource.kind) == name}
        return [machine for machine in self._machines.items(namespace) if objects.owner_of(machine, "MachineSet") in names]

    async def _end(self, ours: Json, children: list[Json]) -> float | None:
        for child in children:
            if not objects.is_deleted(child):
                await self._client.delete(self._children.resource, child["metadata"]["name"], child["metadata"]["namespace"])
        if children:
            return REACTION_SECONDS
        await objects.drop_finalizers(self._client, self._resource, ours)
        return None


def _conditions(ours: Json, counts: Json, *, missing: int | None) -> list[conditions.Condition]:
    """`missing`: how many Machines of a deployment may be missing; None of a MachineSet."""
    wanted, there, ready = ours["spec"].get("replicas", 0), counts["replicas"], counts["readyReplicas"]
    outdated = there - counts["upToDateReplicas"]
    said = [
        conditions.Condition("MachinesReady", "True", "Ready")
        if ready == there
        else conditions.Condition("MachinesReady", "False", "NotReady"),
        conditions.Condition("MachinesUpToDate", "False", "NotUpToDate")
        if outdated
        else conditions.Condition("MachinesUpToDate", "True", "UpToDate"),
        *conditions.STEADY,
        conditions.SCALING_UP if there < wanted else conditions.NOT_SCALING_UP,
        conditions.Condition("Deleting", "False", "NotDeleting"),
    ]
    if missing is not None:
        least = wanted - missing
        limits = f"spec.strategy.rollout.maxUnavailable is {missing}, spec.replicas is {wanted}"
        text = f"{ready} available replicas, at least {least} required ({limits})"
        lacking = conditions.Condition("Available", "False", "NotAvailable", text)
        rolling_out = conditions.Condition("RollingOut", "True", "RollingOut", f"Rolling out {outdated} not up-to-date replicas")
        available = conditions.Condition("Available", "True", "Available") if ready >= least else lacking
        said = [available, rolling_out if outdated else conditions.NOT_ROLLING_OUT, *said]
    return said


def _selector(labels: Json) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
