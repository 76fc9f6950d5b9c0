"""Metal3Machine: finds a host, pauses and un-pauses it, keeps it claimed, reports it as infrastructure, lets it go."""

from collections.abc import Callable

from harness.emulated.controllers.capm3 import pause
from harness.emulated.controllers.capm3.association import ASSOCIATED, HOST_ANNOTATION, REQUEUE_SECONDS, Association
from harness.emulated.controllers.capm3.release import MachineRelease
from harness.emulated.controllers.informer import Informer, NamespacedName
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
from harness.emulated.controllers.runtime import ControllerManager, owner_keys
from harness.emulated.kube.client import Client, Json
from harness.emulated.kube.conditions import NOT_PAUSED, Condition, find, set_condition
from harness.emulated.kube.resources import CLUSTERS, HOSTS, MACHINES, METAL3_DATA, METAL3_DATA_CLAIMS, METAL3_MACHINES, NODES
from harness.emulated.kube.times import timestamp

ASSOCIATION_SECONDS = 1.0
"""Recorded between the un-pausing of a host and the end of the reconcile that did it."""
PAUSED = Condition("AssociateBareMetalHost", "False", "Paused")
NO_OWNER = Condition(
    "AssociateBareMetalHost",
    "False",
    "WaitingForMetal3MachineOwnerRef",
    "Waiting for Machine Controller to set OwnerRef on Metal3Machine",
)
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
DATA_RENDERING = Condition("Metal3DataReady", "False", "WaitingForMetal3Data")
SUMMED = ("AssociateBareMetalHost", "AssociateMetal3MachineMetaData", "Metal3DataReady")
"""The conditions whose sum Ready is."""
UUID_LABEL = "metal3.io/uuid"
"""By which a kubelet without a providerID is known; its value is the uid of the BareMetalHost."""
STARTING = "no infrastructure yet"
NO_DATA = "failed to update BareMetalHost: waiting for Metal3DataTemplate to be available. Object will be requeued after 30s"
DATA_NOT_READY = "failed to update BareMetalHost: waiting for Metal3Data to become ready. Object will be requeued after 30s"
NO_HOST = "failed to update BareMetalHost: BareMetalHost not found for machine {}. Object will be requeued after 30s"


class Metal3MachineReconciler:
    """The reconciler of Metal3Machines."""

    def __init__(self, manager: ControllerManager, workloads: Workloads) -> None:
        self._client: Client = manager.client
        self._pace = manager.pace
        self._workloads = workloads
        self._clusters: Informer = manager.informer(CLUSTERS)
        self._ours: Informer = manager.informer(METAL3_MACHINES)
        self._hosts: Informer = manager.informer(HOSTS)
        self._claims: Informer = manager.informer(METAL3_DATA_CLAIMS)
        self._data: Informer = manager.informer(METAL3_DATA)
        self._association = Association(manager, self._say)
        self._release = MachineRelease(manager)
        queue = manager.controller(METAL3_MACHINES, self.reconcile)
        manager.maps(HOSTS, queue, _consumers)
        manager.maps(METAL3_DATA_CLAIMS, queue, owner_keys("Metal3Machine"))
        manager.maps(METAL3_DATA, queue, owner_keys("Metal3Machine"))
        self._wake_by_cluster(queue.add)
        manager.informer(MACHINES).on_change(_wake_by_bootstrap(queue.add))

    def _wake_by_cluster(self, add: Callable[[NamespacedName], None]) -> None:
        """A Cluster wakes its machines when it is paused, and when it is un-paused with its infrastructure there."""

        def wake(before: Json | None, after: Json | None) -> None:
            if after is None or _phase(after) == STARTING or (before is not None and _phase(before) == _phase(after)):
                return
            for machine in self._ours.items(after["metadata"]["namespace"]):
                labels = machine["metadata"].get("labels", {})
                if labels.get(CLUSTER_LABEL) == after["metadata"]["name"]:
                    add((machine["metadata"]["namespace"], machine["metadata"]["name"]))

        self._clusters.on_change(wake)

    async def reconcile(self, key: NamespacedName) -> float | None:
        """One Metal3Machine, in upstream's order: owner, block-move, pause, infrastructure, deletion, association."""
        ours = self._ours.get(key)
        cluster = cluster_of(self._clusters, ours) if ours else None
        if ours is None or (cluster is not None and is_paused(cluster) and is_deleted(ours)):
            return None
        if cluster is None or not owner_of(ours, "Machine"):
            await self._await_owner(ours)
            return None
        host = self._host_of(ours)
        if not is_paused(cluster):
            return await self._live(ours, host, cluster)
        await self._patch(host, pause.pause(host) if host else [])
        return await self._say_paused(ours, cluster)

    async def _await_owner(self, ours: Json) -> None:
        """Nothing is done for a machine that Cluster API has not made its own yet."""
        if not (owner_of(ours, "Machine") or is_deleted(ours)):
            await self._say(ours, NO_OWNER)

    async def _live(self, ours: Json, host: Json | None, cluster: Json) -> float | None:
        """What a machine of an un-paused Cluster does."""
        if host and not is_deleted(host):
            name = ours["metadata"]["name"]
            host = await self._patch(host, pause.block_move(host, name)) or host
            host = await self._patch(host, pause.unpause(host, cluster["metadata"]["name"])) or host
        if is_deleted(ours):
            return await self._release.step(ours, host)
        if not has_infrastructure(cluster):
            await self._say(ours, NO_INFRASTRUCTURE)
            return None
        if HOST_ANNOTATION in ours["metadata"].get("annotations", {}):
            return await self._associate(ours, host, cluster)
        return await self._association.begin(ours, owner_of(ours, "Machine"))

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

    async def _say(self, ours: Json, *said: Condition, main: Json | None = None, more: Json | None = None) -> None:
        """Write conditions with Ready as their sum, then `main` (metadata and spec), then `more` of the status: upstream's order."""
        status, generation = status_copy(ours), ours["metadata"]["generation"]
        for condition in said:
            set_condition(status, condition, generation)
        set_condition(status, _ready(status), generation)
        await patch_status(self._client, self._ours, ours, status)
        if main:
            self._ours.learn(await self._client.merge_patch(METAL3_MACHINES, ours, main))
        if more:
            latest = self._ours.get((ours["metadata"]["namespace"], ours["metadata"]["name"])) or ours
            await patch_status(self._client, self._ours, latest, {**status_copy(latest), **more})

    async def _associate(self, ours: Json, host: Json | None, cluster: Json) -> float | None:
        """The host is (still) this machine's; the machine is provisioned once its data, its host and its Node are."""
        if host is None:
            await self._say(ours, ASSOCIATED, _no_data(NO_HOST.format(ours["metadata"]["name"])), NOT_PAUSED)
            return REQUEUE_SECONDS
        claim = self._claims.get((ours["metadata"]["namespace"], ours["metadata"]["name"]))
        rendered = (claim or {}).get("status", {}).get("renderedData")
        if not rendered:
            return await self._claim_data(ours, claim)
        data = self._data.get((ours["metadata"]["namespace"], rendered["name"]))
        if data is None or not data.get("status", {}).get("ready"):
            waiting = (ASSOCIATED, _no_data(DATA_NOT_READY), DATA_RENDERING, NOT_PAUSED)
            await self._say(ours, *waiting, more={"renderedData": rendered})
            return REQUEUE_SECONDS
        host = await self._association.hand_over(ours, host, _names(data))
        return await self._report(ours, host, data, cluster)

    async def _claim_data(self, ours: Json, claim: Json | None) -> float:
        """Ask for data, and say that they are awaited."""
        said = find(ours.get("status") or {}, "AssociateMetal3MachineMetaData") or {}
        if said.get("message") != NO_DATA:
            await self._pace.sleep(self._pace.jitter(ASSOCIATION_SECONDS, 1.0))
        if claim is None:
            await self._association.claim_data(ours)
        template = ours["spec"]["dataTemplate"]
        main = {} if template.get("namespace") else {"spec": {"dataTemplate": {"namespace": ours["metadata"]["namespace"]}}}
        await self._say(ours, ASSOCIATED, _no_data(NO_DATA), NOT_PAUSED, main=main)
        return REQUEUE_SECONDS

    async def _report(self, ours: Json, host: Json, data: Json, cluster: Json) -> float | None:
        """All that the host and its data tell of the machine."""
        provider = f"metal3://{ours['metadata']['namespace']}/{host['metadata']['name']}/{ours['metadata']['name']}"
        main: Json = {}
        more = _names(data) | {"addresses": _addresses(host)}
        if await self._is_provisioned(ours, host, cluster, provider):
            main = {} if ours["spec"].get("providerID") == provider else {"spec": {"providerID": provider}}
            more["initialization"] = {"provisioned": True}
        if not ours.get("status", {}).get("initialization"):
            more["lastUpdated"] = timestamp()
        await self._say(ours, ASSOCIATED, *DATA_READY, NOT_PAUSED, main=main, more=more)
        return None if "initialization" in more else REQUEUE_SECONDS

    async def _is_provisioned(self, ours: Json, host: Json, cluster: Json, provider: str) -> bool:
        """Does the host run its image, and is its Node there? A Node that bears the host's uid only is given its providerID."""
        if ours.get("status", {}).get("initialization", {}).get("provisioned"):
            return True
        if host.get("status", {}).get("provisioning", {}).get("state") not in ("provisioned", "externally provisioned"):
            return False
        meta = cluster["metadata"]
        workload = await self._workloads.client(meta["namespace"], meta["name"])
        if workload is None:
            return False
        nodes = await self._workloads.nodes(workload)
        if any(node["spec"].get("providerID") == provider for node in nodes):
            return True
        uid = host["metadata"]["uid"]
        nameless = [node for node in nodes if not node["spec"].get("providerID") and uid == _labels(node).get(UUID_LABEL)]
        for node in nameless:
            await workload.merge_patch(NODES, node, {"spec": {"providerID": provider}})
        return bool(nameless)


def _wake_by_bootstrap(add: Callable[[NamespacedName], None]) -> Callable[[Json | None, Json | None], None]:
    """A Machine wakes its Metal3Machine as soon as it has bootstrap data."""

    def wake(before: Json | None, after: Json | None) -> None:
        if before and after and _boot(after) and not _boot(before):
            add((after["metadata"]["namespace"], after["spec"]["infrastructureRef"]["name"]))

    return wake


def _boot(machine: Json) -> str:
    name: str = machine["spec"].get("bootstrap", {}).get("dataSecretName", "")
    return name


def _phase(cluster: Json) -> str:
    """What of a Cluster its machines care for."""
    if is_paused(cluster):
        return "paused"
    return "ready" if has_infrastructure(cluster) else STARTING


def _consumers(host: Json) -> list[NamespacedName]:
    consumer = host["spec"].get("consumerRef") or {}
    return [(consumer.get("namespace", ""), consumer["name"])] if consumer.get("kind") == "Metal3Machine" else []


def _ready(status: Json) -> Condition:
    """The sum of what else the machine says of itself; what it has not said yet is unknown."""
    said = {kind: find(status, kind) or {"status": "Unknown", "message": "Condition not yet reported"} for kind in SUMMED}
    wrong = {kind: each for kind, each in said.items() if each["status"] != "True"}
    text = "\n".join(f"* {kind}: {each['message'] or each['reason']}" for kind, each in wrong.items())
    if not wrong:
        return Condition("Ready", "True", "Ready")
    failed = any(each["status"] == "False" for each in wrong.values())
    return Condition("Ready", "False", "NotReady", text) if failed else Condition("Ready", "Unknown", "ReadyUnknown", text)


def _labels(obj: Json) -> Json:
    labels: Json = obj["metadata"].get("labels") or {}
    return labels


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
