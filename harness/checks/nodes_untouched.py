"""The host's Node in the workload cluster is the same object with the same boot: uid, bootID and machineID never changed.

The vendor-neutral witness of a reboot (a new bootID) and of a new image (a new machineID), cold or warm: a forced restart by a third
party leaves no other trace in Kubernetes or Ironic (recorded run j).
"""

from collections.abc import Iterator

from harness.judgement import Judgement, failed, passed, unknown
from harness.world.coverage import SightKey
from harness.world.horizon import needed_until
from harness.world.hosts import Host, promised
from harness.world.nodes import is_booted, node_baseline, node_change, node_timeline
from harness.world.world import World

ORDER = 40


def check(world: World) -> Iterator[Judgement]:
    """One judgement a claimed host; an unclaimed one has no Node."""
    for host in promised(world):
        if host.claimed:
            yield judge(world, host)


def judge(world: World, host: Host) -> Judgement:
    """Follow the host's Node."""
    timeline = node_timeline(world, host)
    baseline = node_baseline(timeline, host)
    if baseline:
        for version in timeline:
            if (
                version.entry.seq > baseline.entry.seq
                and version.entry.since < host.until
                and (what := node_change(baseline, version))
            ):
                return failed(f"{what} ({version.entry.at:.1f} s)", host.name, (baseline.entry.seq, version.entry.seq))
    blind = world.not_covered(
        SightKey("kube", "workload", "Node"), needed_from=host.since, needed_until=needed_until(world, host)
    )
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    if baseline is None or not is_booted(baseline):
        return unknown("no Node with a bootID was found for it in the workload cluster", host.name)
    return passed("its Node kept uid, bootID and machineID", host.name, (baseline.entry.seq,))
