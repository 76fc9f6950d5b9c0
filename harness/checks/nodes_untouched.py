"""The host's Node in the workload cluster is the same object with the same boot: uid, bootID and machineID never changed.

Nor its system UUID and provider ID, nor the Machine that it says it is of; it is never marked for deletion, and at the end it is ready
if it was before, and nobody drives its work away. A Node that tells of another kernel or image with the same boot contradicts itself, and
proves nothing.

The vendor-neutral witness of a reboot (a new bootID) and of a new image (a new machineID), cold or warm: a forced restart by a third
party leaves no other trace in Kubernetes or Ironic (recorded run j).
"""

from collections.abc import Callable, Iterator
from itertools import takewhile

from harness.judgement import Judgement, failed, passed, unknown
from harness.world.bmc.evidence import came_before
from harness.world.changes.authors import UNSEEN, author, deleter
from harness.world.coverage import NotCovered, SightKey
from harness.world.horizon import needed_until
from harness.world.hosts import Host, promised
from harness.world.nodes import (
    another_owner,
    changed,
    contradiction,
    evictions,
    is_booted,
    is_ready,
    lost_addresses,
    machine_timeline,
    node_baseline,
    node_change,
    node_timeline,
    tells_owner,
)
from harness.world.world import Timeline, Version, World

ORDER = 40
NODES = SightKey("kube", "workload", "Node")
BOOT_SECONDS = 600.0
"""So long a server may take to boot: what it shows then may be of a reset that came before the move."""
HEAL_SECONDS = 60.0
"""A Node that is not ready for less than this may be so again: kubelets are late, and API servers restart."""


def check(world: World) -> Iterator[Judgement]:
    """One judgement a claimed host; an unclaimed one has no Node."""
    for host in promised(world):
        if host.claimed:
            yield judge(world, host)


def judge(world: World, host: Host) -> Judgement:
    """Follow the host's Node."""
    timeline = node_timeline(world, host)
    baseline = node_baseline(timeline, host)
    later = [it for it in timeline if baseline and baseline.entry.seq < it.entry.seq and host.holds(it.entry)]
    if baseline and (boot := boot_from_before(world, host, baseline, later)):
        baseline, later = boot, later[later.index(boot) + 1 :]
    if baseline and (wrong := of_versions(world, host, baseline, later)):
        return wrong
    blind = world.not_covered(NODES, needed_from=host.since, needed_until=needed_until(world, host))
    blind = blind or (unknown_owner(world, host) if any(map(tells_owner, later)) else None)
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    if baseline is None or not is_booted(baseline):
        return unknown("no Node with a bootID was found for it in the workload cluster", host.name)
    return of_end(world, host, baseline, later) or passed(
        "its Node kept uid, bootID and machineID", host.name, (baseline.entry.seq,)
    )


def boot_from_before(world: World, host: Host, baseline: Version, later: Timeline) -> Version | None:
    """The version that shows the boot of a reset that came before the move: the Node as it is to be kept."""
    first = next((it for it in later if node_change(baseline, it)), None)
    if first is None or changed(baseline, first) != ["bootID"]:
        return None
    boots_seconds = BOOT_SECONDS / world.speed
    soon = first.entry.since < host.begins + boots_seconds
    return first if soon and came_before(world, host, host.begins - boots_seconds) else None


def of_versions(world: World, host: Host, baseline: Version, later: Timeline) -> Judgement | None:
    """The first version that shows another server, boot or Node; else the first that contradicts itself."""
    machines = machine_timeline(world, host, host.origin)
    named = str(machines[-1].metadata.get("name") or "") if machines else ""
    for version in later:
        if what := node_change(baseline, version) or another_owner(baseline, version, named):
            says, evidence = (
                f"{what} ({version.entry.at:.1f} s), {by_whom(world, version)}",
                (baseline.entry.seq, version.entry.seq),
            )
            if version.entry.at > host.until:
                return unknown(f"{says}, and whether that was before its user gave it up was not seen", host.name, evidence)
            return failed(says, host.name, evidence)
    for version in later:
        if what := contradiction(baseline, version):
            return unknown(f"{what} ({version.entry.at:.1f} s)", host.name, (baseline.entry.seq, version.entry.seq))
    return None


def unknown_owner(world: World, host: Host) -> NotCovered | None:
    """Why it is not known which Machine the host's Node is of; None where its Machine was seen, or it has none."""
    if machine_timeline(world, host, host.origin):
        return None
    return world.not_covered(SightKey("kube", host.origin, "Machine"), needed_from=host.since)


def of_end(world: World, host: Host, baseline: Version, later: Timeline) -> Judgement | None:
    """A Node that is not ready at the end of the promise although it was, or cordoned; what healed before is as it was.

    What was seen only after its user gave the host up may have come from that.
    """
    later = [it for it in later if it.entry.at <= host.until]
    if not later:
        return None
    last, evidence = later[-1], (baseline.entry.seq, later[-1].entry.seq)
    if is_ready(baseline) and not is_ready(last):
        since = first_of_the_last(later, lambda it: not is_ready(it)).entry.at
        text = f"its Node is not ready at the end, since {since:.1f} s"
        if world.lag.kept(since, min(world.seen_until(NODES), host.until)) < HEAL_SECONDS / world.speed:
            return unknown(f"{text}; the run ended too early to tell whether it heals", host.name, evidence)
        return failed(text, host.name, evidence)
    odd = set_aside(world, baseline, later)
    return unknown(odd, host.name, evidence) if odd else None


def set_aside(world: World, baseline: Version, later: Timeline) -> str:
    """How a Node that is ready at the end is not as it was, and who did it; empty where it is."""
    last = later[-1]
    if lost := lost_addresses(baseline, last):
        return f"its Node does not tell its address {', '.join(lost)} any more"
    if last.get("spec", "unschedulable") and not baseline.get("spec", "unschedulable"):
        cordoned = first_of_the_last(later, lambda it: bool(it.get("spec", "unschedulable")))
        return f"its Node is cordoned at the end, {author(world, cordoned, 'spec.unschedulable')}"
    if driven := evictions(baseline, last):
        tainted = first_of_the_last(later, lambda it: driven[0] in evictions(baseline, it))
        return f"all work is driven from its Node by its taint {driven[0]}, {author(world, tainted, 'spec.taints')}"
    return ""


def first_of_the_last(later: Timeline, is_so: Callable[[Version], bool]) -> Version:
    """The version from which on all are so, as the last one is."""
    return list(takewhile(is_so, reversed(later)))[-1]


def by_whom(world: World, version: Version) -> str:
    """Who wrote or deleted a version of a Node."""
    if not version.alive or version.deleting:
        return deleter(world, version) or UNSEEN
    return author(world, version)
