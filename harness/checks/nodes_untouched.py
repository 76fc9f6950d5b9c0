"""The host's Node in the workload cluster is the same object with the same boot: uid, bootID and machineID never changed.

The vendor-neutral witness of a reboot (a new bootID) and of a new image (a new machineID), cold or warm: a forced restart by a third
party leaves no other trace in Kubernetes or Ironic (recorded run j).
"""

from collections.abc import Iterator

from harness.judgement import Judgement, failed, passed, unknown
from harness.world.coverage import SightKey
from harness.world.hosts import Host, promised
from harness.world.world import Timeline, Version, World, version_at

KEPT = {"uid": ("metadata", "uid"), "bootID": ("status", "nodeInfo", "bootID"), "machineID": ("status", "nodeInfo", "machineID")}


def check(world: World) -> Iterator[Judgement]:
    """One judgement a claimed host; an unclaimed one has no Node."""
    for host in promised(world):
        if host.claimed:
            yield judge(world, host)


def judge(world: World, host: Host) -> Judgement:
    """Follow the host's Node."""
    timeline = node_timeline(world, host)
    baseline = baseline_of(timeline, host)
    if baseline:
        for version in timeline:
            if (
                version.entry.seq > baseline.entry.seq
                and version.entry.since < host.until
                and (what := change(baseline, version))
            ):
                return failed(f"{what} ({version.entry.at:.1f} s)", host.name, (baseline.entry.seq, version.entry.seq))
    blind = world.not_covered(SightKey("kube", "workload", "Node"), needed_from=host.since)
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    if baseline is None or not is_booted(baseline):
        return unknown("no Node with a bootID was found for it in the workload cluster", host.name)
    return passed("its Node kept uid, bootID and machineID", host.name, (baseline.entry.seq,))


def baseline_of(timeline: Timeline, host: Host) -> Version | None:
    """The Node at the host's baseline, or its first version after that if the server had not booted yet.

    A host is `provisioned` before its server has come up, so that its Node may come later, but not after the promise was made.
    """
    then = version_at(timeline, host.baseline.entry.at) or (timeline[0] if timeline else None)
    if then is None or is_booted(then):
        return then
    return next((version for version in timeline if then.entry.at <= version.entry.at <= host.since and is_booted(version)), then)


def is_booted(version: Version) -> bool:
    """Does the Node tell which boot it is of?"""
    return bool(version.get("status", "nodeInfo", "bootID"))


def node_timeline(world: World, host: Host) -> Timeline:
    """The Node whose providerID names the host; else the Node that its Machine names."""
    prefix = f"metal3://{host.namespace}/{host.name}/"
    for key in world.keys("workload", "Node"):
        if any(str(version.get("spec", "providerID") or "").startswith(prefix) for version in world.objects[key]):
            return world.objects[key]
    machine = machine_of(world, host, host.origin)
    name = machine and machine.get("status", "nodeRef", "name")
    return world.timeline("workload", "Node", "", str(name)) if name else []


def machine_of(world: World, host: Host, cluster: str) -> Version | None:
    """The Machine in a cluster whose infrastructure is the host's consumer, as last seen."""
    consumer = host.baseline.get("spec", "consumerRef", "name")
    for key in world.keys(cluster, "Machine"):
        version = world.objects[key][-1]
        if consumer and version.get("spec", "infrastructureRef", "name") == consumer:
            return version
    return None


def change(before: Version, after: Version) -> str:
    """What became of the Node, in words; empty where it is the same."""
    if not after.alive:
        return "its Node was deleted"
    for name, path in KEPT.items():
        old, new = before.get(*path), after.get(*path)
        if old and new and old != new:
            meaning = {"uid": "the Node was made anew", "bootID": "the server booted", "machineID": "it runs another image"}[name]
            return f"{name} of its Node changed: {meaning}"
    return ""
