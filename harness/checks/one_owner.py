"""One owner at a time: never two un-paused copies of a host, never two Ironics that hold it.

Ironic is not paused by anything that pauses a Baremetal Operator: an Ironic that was left running enforces its idea of the power state
(recorded run e). Both are followed as intervals; only an overlap that is certain is a failure.
"""

from collections.abc import Iterator

from harness.journal.entry import Entry
from harness.journal.facts import SIDES
from harness.judgement import Judgement, failed, passed, unknown
from harness.metal3 import PAUSED
from harness.world.coverage import SightKey
from harness.world.horizon import needed_until
from harness.world.hosts import Host, promised
from harness.world.ironic import presence
from harness.world.ironic.holding import Held, held, overlap
from harness.world.world import World

ORDER = 50


def check(world: World) -> Iterator[Judgement]:
    """One judgement a promised host."""
    for host in promised(world):
        yield judge(world, host)


def judge(world: World, host: Host) -> Judgement:
    """Look for a certain overlap of owners."""
    copies = {side: clipped(world, unpaused(world, host, side), SightKey("kube", side, "BareMetalHost")) for side in SIDES}
    nodes = {side: clipped(world, held(world, host, side), SightKey("ironic", side)) for side in SIDES}
    for what, intervals in (("the Ironics of both clusters held it", nodes), ("it was un-paused in both clusters", copies)):
        both = overlap(intervals["source"], intervals["target"])
        if both:
            end = "the end" if both.until == float("inf") else f"{both.until:.1f} s"
            return failed(f"two owners at once: {what} from {both.since:.1f} s to {end}", host.name, both.evidence)
    blind = world.not_covered(
        *(SightKey("kube", side, "BareMetalHost") for side in SIDES),
        needed_from=host.since,
        needed_until=needed_until(world, host),
    )
    blind = blind or presence.ambiguous_intervals(world)
    for side in SIDES:
        blind = blind or presence.not_covered(world, side, needed_from=host.since, needed_until=needed_until(world, host))
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    return passed("had one owner at a time", host.name)


def clipped(world: World, intervals: list[Held], key: SightKey) -> list[Held]:
    """Shorten intervals to what is certain: one that may have ended during a gap in coverage ends at the gap."""
    ends = [gap.since for gap in world.coverage.gaps(key)]
    if key.sight == "ironic":
        ends += [span.since for span in presence.intervals_of_the_other(world, key.cluster)]
    return [one._replace(until=min([one.until, *(since for since in ends if since > one.since)])) for one in intervals]


def unpaused(world: World, host: Host, side: str) -> list[Held]:
    """When a copy of the host stood un-paused in this cluster."""
    found: list[Held] = []
    begun: Entry | None = None
    for version in host.versions(world, side):
        active = version.alive and PAUSED not in version.annotations
        if active and begun is None:
            begun = version.entry
        elif not active and begun is not None:
            found.append(Held(begun.at, version.entry.since, (begun.seq, version.entry.seq)))
            begun = None
    return [*found, *([Held(begun.at, float("inf"), (begun.seq,))] if begun else [])]
