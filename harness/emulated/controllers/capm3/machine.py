"""Metal3Machine: pauses and un-pauses its host, keeps it claimed, reports it as infrastructure, lets it go."""

from collections.abc import Callable

from harness.emulated.client import Client, Json
from harness.emulated.controllers.capm3 import pause
from harness.emulated.controllers.capm3.release import Release
from harness.emulated.controllers.conditions import NOT_PAUSED, Condition, find, set_condition
from harness.emulated.controllers.informer import Informer, Key
from harness.emulated.controllers.kubeconfig import Workloads
from harness.emulated.controllers.objects import (
    CLUSTER_LABEL,
    cluster_of,
    has_infrastructure,
    is_deleted,
    is_paused,
    owner_of,
    patch_status,
    status_copy,
)
from harness.emulated.controllers.runtime import Manager, owner_keys
from harness.emulated.pace import timestamp
from harness.emulated.resources import CLUSTERS, HOSTS, METAL3_DATA, METAL3_DATA_CLAIMS, METAL3_MACHINES, NODES

HOST_ANNOTATION = "metal3.io/BareMetalHost"
REQUEUE_SECONDS = 30.0
ASSOCIATION_SECONDS = 1.0
"""Recorded between the un-pausing of a host and the end of the reconcile that did it."""
ASSOCIATED = Condition("AssociateBareMetalHost", "True", "AssociateBareMetalHostSuccess")
PAUSED = Condition("AssociateBareMetalHost", "False", "Paused")
NO_INFRASTRUCTURE = Condition(
    "AssociateBareMetalHost",
    "False",
    "WaitingForClusterInfrastructureReady",
    "Waiting for Metal3Cluster Controller to create cluster infrastructure",
)
DATA_READY = (
    Condition("AssociateMetal3MachineMetaData", "True", "AssociateMetal3MachineMetaDataSuccess"),
    Condition("Metal3DataReady", "True", "Metal3DataSecretsReady"),
)
STARTING = "no infrastructure yet"
SUMMED = ("AssociateBareMetalHost", "AssociateMetal3MachineMetaData", "Metal3DataReady")
"""What Ready is the sum of."""
NO_DATA = "failed to update BareMetalHost: waiting for Metal3DataTemplate to be available. Object will be requeued after 30s"
NO_HOST = "failed to update BareMetalHost: BareMetalHost not found for machine {}. Object will be requeued after 30s"


class Metal3Machines:
    """The reconciler of Metal3Machines."""

    def __init__(self, manager: Manager, workloads: Workloads) -> None:
        self._client: Client = manager.client
        self._pace = manager.pace
        self._workloads = workloads
        self._clusters: Informer = manager.informer(CLUSTERS)
        self._ours: Informer = manager.informer(METAL3_MACHINES)
        self._hosts: Informer = manager.informer(HOSTS)
        self._claims: Informer = manager.informer(METAL3_DATA_CLAIMS)
        self._data: Informer = manager.informer(METAL3_DATA)
        self._release = Release(manager)
        queue = manager.controller(METAL3_MACHINES, self.reconcile)
        manager.maps(HOSTS, queue, _consumers)
        manager.maps(METAL3_DATA_CLAIMS, queue, owner_keys("Metal3Machine"))
        manager.maps(METAL3_DATA, queue, owner_keys("Metal3Machine"))
        self._wake_by_cluster(queue.add)

    def _wake_by_cluster(self, add: Callable[[Key], None]) -> None:
        """A Cluster wakes its machines when it is paused, and when it is un-paused with its infrastructure there."""

        def wake(before: Json | None, after: Json | None) -> None:
            if after is None or _phase(after) == STARTING or (before is not None and _phase(before) == _phase(after)):
                return
            for machine in self._ours.items(after["metadata"]["namespace"]):
                labels = machine["metadata"].get("labels", {})
                if labels.get(CLUSTER_LABEL) == after["metadata"]["name"]:
                    add((machine["metadata"]["namespace"], machine["metadata"]["name"]))

        self._clusters.on_change(wake)

    async def reconcile(self, key: Key) -> float | None:
        """One Metal3Machine, in upstream's order: block-move, pause, infrastructure, deletion, association."""
        ours = self._ours.get(key)
        cluster = cluster_of(self._clusters, ours) if ours else None
        if ours is None or cluster is None or not owner_of(ours, "Machine"):
            return None
        host = self._host_of(ours)
        if is_paused(cluster) and is_deleted(ours):
            return None
        if is_paused(cluster):
            await self._patch(host, pause.pause(host) if host else [])
            return await self._say_paused(ours, cluster)
        if host and not is_deleted(host):
            name = ours["metadata"]["name"]
            host = await self._patch(host, pause.block_move(host, name)) or host
            host = await self._patch(host, pause.unpause(host, cluster["metadata"]["name"])) or host
        if is_deleted(ours):
            return await self._release.step(ours, host)
        if not has_infrastructure(cluster):
            await self._say(ours, NO_INFRASTRUCTURE)
            return None
        return await self._associate(ours, host, cluster)

    def _host_of(self, ours: Json) -> Json | None:
        _, _, name = ours["metadata"].get("annotations", {}).get(HOST_ANNOTATION, "").partition("/")
        return self._hosts.get((ours["metadata"]["namespace"], name)) if name else None

    async def _patch(self, host: Json | None, patches: list[pause.Annotations]) -> Json | None:
        """Patch the host's annotations, one after the other; the host as it is then, None when there was nothing to do."""
        patched = None
        for annotations in patches:
            if host is None:
                break
            patched = self._hosts.learn(await self._client.merge_patch(HOSTS, host, {"metadata": {"annotations": annotations}}))
        return patched

    async def _say_paused(self, ours: Json, cluster: Json) -> float:
        if not has_infrastructure(cluster):
            await self._say(ours, NO_INFRASTRUCTURE)
            return REQUEUE_SECONDS
        await self._say(ours, PAUSED, Condition("Paused", "True", "Paused"))
        return REQUEUE_SECONDS

    async def _say(self, ours: Json, *said: Condition, more: Json | None = None) -> None:
        """Write conditions, and Ready as their sum."""
        status, generation = status_copy(ours), ours["metadata"]["generation"]
        for condition in said:
            set_condition(status, condition, generation)
        wrong = [each for each in said if each.status == "False" and each.type != "Paused"]
        lines = [f"* {each.type}: {each.message or each.reason}" for each in wrong]
        lines += [f"* {name}: Condition not yet reported" for name in SUMMED if find(status, name) is None]
        text = "\n".join(lines)
        ready = Condition("Ready", "False", "NotReady", text) if wrong else Condition("Ready", "True", "Ready")
        set_condition(status, ready, generation)
        await patch_status(self._client, self._ours, ours, {**status, **(more or {})})

    async def _associate(self, ours: Json, host: Json | None, cluster: Json) -> float | None:
        """The host is (still) this machine's; the machine is provisioned once its data, its host and its Node are."""
        if host is None:
            await self._say(ours, ASSOCIATED, _no_data(NO_HOST.format(ours["metadata"]["name"])), NOT_PAUSED)
            return REQUEUE_SECONDS
        data = self._data_of(ours)
        if data is None:
            await self._pace.sleep(self._pace.jitter(ASSOCIATION_SECONDS, 1.0))
            await self._say(ours, ASSOCIATED, _no_data(NO_DATA), NOT_PAUSED)
            return REQUEUE_SECONDS
        host = await self._keep_claimed(host)
        more = _names(data) | {"addresses": _addresses(host)}
        if await self._is_provisioned(ours, host, cluster):
            more["initialization"] = {"provisioned": True}
        if not ours.get("status", {}).get("initialization"):
            more["lastUpdated"] = timestamp()
        await self._say(ours, ASSOCIATED, *DATA_READY, NOT_PAUSED, more=more)
        return None if "initialization" in more else REQUEUE_SECONDS

    def _data_of(self, ours: Json) -> Json | None:
        namespace = ours["metadata"]["namespace"]
        claim = self._claims.get((namespace, ours["metadata"]["name"]))
        rendered = (claim or {}).get("status", {}).get("renderedData", {}).get("name")
        data = self._data.get((namespace, rendered)) if rendered else None
        return data if data and data.get("status", {}).get("ready") else None

    async def _keep_claimed(self, host: Json) -> Json:
        """CAPM3 forces `online: true` on the hosts it claims."""
        if host["spec"].get("online"):
            return host
        return self._hosts.learn(await self._client.merge_patch(HOSTS, host, {"spec": {"online": True}}))

    async def _is_provisioned(self, ours: Json, host: Json, cluster: Json) -> bool:
        if ours.get("status", {}).get("initialization", {}).get("provisioned"):
            return True
        if host.get("status", {}).get("provisioning", {}).get("state") not in ("provisioned", "externally provisioned"):
            return False
        meta = cluster["metadata"]
        workload = await self._workloads.client(meta["namespace"], meta["name"])
        nodes = (await workload.list_all(NODES))["items"] if workload else []
        return any(node["spec"].get("providerID") == ours["spec"].get("providerID") for node in nodes)


def _phase(cluster: Json) -> str:
    """What of a Cluster its machines care for."""
    if is_paused(cluster):
        return "paused"
    return "ready" if has_infrastructure(cluster) else STARTING


def _consumers(host: Json) -> list[Key]:
    consumer = host["spec"].get("consumerRef") or {}
    return [(consumer.get("namespace", ""), consumer["name"])] if consumer.get("kind") == "Metal3Machine" else []


def _no_data(message: str) -> Condition:
    return Condition("AssociateMetal3MachineMetaData", "False", "CreateError", message)


def _names(data: Json) -> Json:
    """The names that the status is rebuilt from. `userData` is not among them: upstream loses it at the first pivot."""
    spec, meta = data["spec"], data["metadata"]
    rendered = {"name": meta["name"], "namespace": meta["namespace"]}
    return {"metaData": spec["metaData"], "networkData": spec["networkData"], "renderedData": rendered}


def _addresses(host: Json) -> list[Json]:
    hardware = host.get("status", {}).get("hardware") or {}
    name = hardware.get("hostname", host["metadata"]["name"])
    ips = [{"address": nic["ip"], "type": "InternalIP"} for nic in hardware.get("nics", []) if nic.get("ip")]
    return [*ips, {"address": name, "type": "Hostname"}, {"address": name, "type": "InternalDNS"}]
