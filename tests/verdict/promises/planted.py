"""Journals altered entry by entry: what breaks each example promise, and what makes each of them unsure."""

import json
from collections.abc import Callable
from typing import Any

import msgspec

from harness.journal import facts
from harness.journal.entry import Entry
from harness.world.moves import moves
from harness.world.world import World

NAMESPACE = "metal3"
Plant = Callable[["Recorded"], list[Entry]]


class Recorded:
    """A good run: its entries, and what a plant needs to know of it."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries
        self.world = World(entries, final=True)
        (self.move,) = moves(self.world)
        self.host = min(key.name for key in self.world.keys("source", "BareMetalHost") if self.claimed(key.name))
        self.record = self.host

    def claimed(self, name: str) -> bool:
        return bool(self.body("source", "BareMetalHost", name)["spec"].get("consumerRef"))

    @property
    def namespace(self) -> str:
        return next(key.namespace for key in self.world.keys("source", "BareMetalHost"))

    def body(self, cluster: str, kind: str, name: str) -> dict[str, Any]:
        return next(
            versions[-1].body
            for key, versions in self.world.objects.items()
            if (key.cluster, key.kind, key.name) == (cluster, kind, name)
        )

    def name_of(self, cluster: str, kind: str) -> str:
        return self.world.keys(cluster, kind)[0].name

    def adopted_at(self) -> float:
        """When the target first shows the host with a state."""
        versions = self.world.timeline("target", "BareMetalHost", self.namespace, self.host)
        return next(
            it.entry.at
            for it in versions
            if it.get("status", "provisioning", "state") and "baremetalhost.metal3.io/paused" not in it.annotations
        )

    def node_entry(self) -> Entry:
        """The last that the target's Ironic told of the host's node."""
        nodes = (it for it in self.world.ironic["target"] if isinstance(it.fact, facts.IronicNode) and self.host in it.fact.name)
        return list(nodes)[-1]

    def quiet(self) -> float:
        """A moment after the move when nothing happens any more, and all still look."""
        last = min(it.at for it in self.entries if isinstance(it.fact, facts.SightEnded) and it.fact.sight != "mover")
        known = [it.at for it in self.entries if it.at < last - 0.01]
        return max(known) + 0.005

    def seen(self, cluster: str, kind: str, name: str, change: Any, body: dict[str, Any]) -> facts.ObjectSeen:
        namespace = "" if kind == "Node" else self.namespace
        group = body.get("apiVersion", "")
        return facts.ObjectSeen(
            cluster=cluster, change=change, kind=kind, name=name, uid=body["metadata"]["uid"], resource_version="1000000",
            api_version=group, namespace=namespace, object=body,
        )  # fmt: skip

    def with_facts(self, at: float, *told: facts.AnyFact) -> list[Entry]:
        """The entries with these facts at a time, numbered anew."""
        place = next((it.seq for it in self.entries if it.at > at), len(self.entries))
        new = [Entry(0, at, at, fact) for fact in told]
        return renumbered([*self.entries[:place], *new, *self.entries[place:]])


def renumbered(entries: list[Entry]) -> list[Entry]:
    return [
        msgspec.structs.replace(it, seq=seq) if isinstance(it, msgspec.Struct) else it._replace(seq=seq)
        for seq, it in enumerate(entries)
    ]


def changed(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A body with another value at a path like `status.poweredOn`."""
    copy = json.loads(json.dumps(body))
    inner = copy
    *names, last = path.split(".")
    for name in names:
        inner = inner.setdefault(name, {})
    inner[last] = value
    return copy


def host_off(run: Recorded) -> list[Entry]:
    body = changed(run.body("target", "BareMetalHost", run.host), "status.poweredOn", value=False)
    return run.with_facts(run.quiet(), run.seen("target", "BareMetalHost", run.host, "modified", body))


def server_booted(run: Recorded) -> list[Entry]:
    name = next(
        key.name
        for key in run.world.keys("workload", "Node")
        if run.host in json.dumps(run.body("workload", "Node", key.name)["spec"]) or key.name == run.host
    )
    body = changed(run.body("workload", "Node", name), "status.nodeInfo.bootID", "another")
    return run.with_facts(run.quiet(), run.seen("workload", "Node", name, "modified", body))


def node_switched(run: Recorded) -> list[Entry]:
    fact = run.node_entry().fact
    return run.with_facts(run.quiet(), msgspec.structs.replace(fact, node={**fact.node, "power_state": "power off"}))


def registered_late(run: Recorded) -> list[Entry]:
    """All that came from the adoption on came an hour later."""
    since = run.adopted_at() - 0.001
    late = [msgspec.structs.replace(it, since=it.since + 3600, at=it.at + 3600) for it in run.entries if it.at >= since]
    return [*(it for it in run.entries if it.at < since), *late]


def reset_asked(run: Recorded) -> list[Entry]:
    path = "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset"
    return run.with_facts(run.quiet(), facts.BmcRequest(host=run.record, method="POST", path=path, status=204))


def moved_twice(run: Recorded) -> list[Entry]:
    started = facts.MoverStarted(mover=99, origin="source", destination="target")
    return run.with_facts(run.quiet(), started, facts.MoverEnded(mover=99, code=1))


def machine_failed(run: Recorded) -> list[Entry]:
    name = run.name_of("target", "Machine")
    body = changed(run.body("target", "Machine", name), "status.phase", "Failed")
    return run.with_facts(run.quiet(), run.seen("target", "Machine", name, "modified", body))


def cluster_twice(run: Recorded) -> list[Entry]:
    name = run.name_of("target", "Cluster")
    body = changed(run.body("target", "Cluster", name), "metadata.uid", "another")
    return run.with_facts(run.quiet(), run.seen("source", "Cluster", name, "added", body))


def ordered_early(run: Recorded) -> list[Entry]:
    fact = facts.BmcRequest(host=run.record, method="POST", path="/redfish/v1/Systems/1", status=200)
    return run.with_facts(in_stage(run), fact)


def in_stage(run: Recorded) -> float:
    """A moment within the stage that is promised to be steady."""
    step = next(it.fact.step for it in run.entries if isinstance(it.fact, facts.StepBegan) and it.fact.word == "quiet")
    began, ended = (it.at for it in run.world.steps if it.fact.step == step)
    return (began + ended) / 2


def blind(sight: str, when: Callable[[Recorded], float] = Recorded.quiet, **where: str) -> Plant:
    """That sight is lost for a while, at the end unless told otherwise, and what was then is not told later."""

    def plant(run: Recorded) -> list[Entry]:
        where_here = {name: value.format(host=run.record) for name, value in where.items()}
        lost = facts.SightLost(sight=sight, says="a plant", **where_here)
        return run.with_facts(when(run), lost, facts.SightRegained(sight=sight, complete=False, **where_here))

    return plant


REQUESTS = {"host": "{host}"}
PLANTS: dict[str, tuple[Plant, Plant]] = {
    "every server is on, and wanted as it was": (host_off, blind("kube", cluster="target", kind="BareMetalHost")),
    "no server boots": (server_booted, blind("kube", cluster="workload", kind="Node")),
    "no Ironic switches or cleans a server": (node_switched, blind("ironic", cluster="target")),
    "every host is registered anew within ten minutes": (registered_late, blind("kube", cluster="source", kind="BareMetalHost")),
    "nobody asks a BMC for a reset": (reset_asked, blind("bmc_requests", **REQUESTS)),
    "the mover is started once": (moved_twice, blind("mover")),
    "no Machine fails": (machine_failed, blind("kube", cluster="target", kind="Machine")),
    "no Cluster is reconciled in both clusters": (cluster_twice, blind("kube", cluster="source", kind="Cluster")),
    "nobody orders anything of a BMC before the pivot": (ordered_early, blind("bmc_requests", in_stage, **REQUESTS)),
}
"""Each example promise of `scenarios/pivot_own_promises.yaml`: what breaks it, and what makes it unsure."""
