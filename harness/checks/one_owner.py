"""One owner at a time: never two un-paused copies of a host, never two Ironics that hold it.

Ironic is not paused by anything that pauses a Baremetal Operator: an Ironic that was left running enforces its idea of the power state
(recorded run e). Both are followed as intervals; only an overlap that is certain is a failure.
"""

from collections.abc import Iterator
from itertools import product

from harness.journal.entry import Entry
from harness.journal.facts import SIDES, Side
from harness.judgement import Judgement, failed, passed, unknown
from harness.metal3 import DELETE_FOR_MOVE, PAUSED
from harness.world.changes.authors import author
from harness.world.coverage import NotCovered, SightKey
from harness.world.horizon import needed_until, not_seen_whole
from harness.world.hosts import Host, promised
from harness.world.ironic import presence
from harness.world.ironic.holding import Held, held, overlap
from harness.world.moves import moves
from harness.world.world import Version, World

ORDER = 50
HELD, UNPAUSED = "the Ironics of both clusters held it", "it was un-paused in both clusters"
SIGHTS = {
    HELD: [SightKey("ironic", side) for side in SIDES],
    UNPAUSED: [SightKey("kube", side, "BareMetalHost") for side in SIDES],
}
DELETED_SECONDS = 1.0
"""So long before its deletion a mover may take the pause from the copy that it leaves."""


def check(world: World) -> Iterator[Judgement]:
    """One judgement a promised host."""
    for host in promised(world):
        yield judge(world, host)


def judge(world: World, host: Host) -> Judgement:
    """Look for a certain overlap of owners."""
    copies = {side: clipped(world, unpaused(world, host, side), SightKey("kube", side, "BareMetalHost")) for side in SIDES}
    nodes = {side: clipped(world, held(world, host, side), SightKey("ironic", side)) for side in SIDES}
    for what, intervals in ((HELD, nodes), (UNPAUSED, copies)):
        both = overlap(intervals["source"], intervals["target"])
        if both:
            last = min(world.seen_until(key) for key in SIGHTS[what])
            end = "the end" if both.until >= last else f"{both.until:.1f} s"
            return failed(f"two owners at once: {what} from {both.since:.1f} s to {end}", host.name, both.evidence)
    doubt = one_database(world, nodes) or awake_in_a_move(world, host, nodes) or unpaused_in_a_move(world, host)
    if doubt:
        return unknown(doubt.says, host.name, doubt.evidence)
    blind = not_seen_whole(world, host)
    blind = blind or presence.ambiguous_intervals(world)
    for side in SIDES:
        blind = blind or presence.not_covered(world, side, needed_from=host.since, needed_until=needed_until(world, host))
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    return passed("had one owner at a time", host.name)


def one_database(world: World, nodes: dict[Side, list[Held]]) -> NotCovered | None:
    """Both Ironics had the same node at once, though they are two: that is one Ironic or two owners, and nobody can tell."""
    if not presence.are_two(world):
        return None
    for one, other in product(nodes["source"], nodes["target"]):
        since, until = max(one.since, other.since), min(one.until, other.until)
        if one.uuid and one.uuid == other.uuid and since < until:
            text = f"both Ironics had its node {one.uuid} at {since:.1f} s: one of them was started with a copy of the other's database"
            return NotCovered(text, tuple(sorted((*one.evidence, *other.evidence))))
    return None


def awake_in_a_move(world: World, host: Host, nodes: dict[Side, list[Held]]) -> NotCovered | None:
    """The origin's Ironic had its node still when the destination had a copy of the host: it may have acted in between."""
    for move in moves(world):
        copies = [it for it in host.versions(world, move.destination) if move.since < it.entry.at <= move.until and it.alive]
        kept = {one.uuid for one in nodes[_side(move.destination)]}
        for one in nodes[_side(move.origin)] if copies else ():
            if one.since <= copies[0].entry.since and copies[0].entry.at < one.until and one.uuid not in kept:
                text = (
                    f"the Ironic of the {move.origin} was awake, with its node, when its copy was made in the {move.destination}"
                )
                return NotCovered(f"{text} ({copies[0].entry.at:.1f} s)", (*one.evidence, copies[0].entry.seq))
    return None


def unpaused_in_a_move(world: World, host: Host) -> NotCovered | None:
    """The origin's copy was un-paused in mid-move, not for its deletion: its Baremetal Operator may have acted on it."""
    for move in moves(world):
        during = [it for it in host.versions(world, move.origin) if move.since < it.entry.at < move.until]
        for before, version, after in zip(during, during[1:], [*during[2:], None], strict=False):
            if PAUSED not in before.annotations or PAUSED in version.annotations or is_for_deletion(version, after):
                continue
            whose = author(world, version, f"annotation {PAUSED}")
            text = f"its copy in the {move.origin} was un-paused in mid-move ({version.entry.at:.1f} s, {whose})"
            return NotCovered(text, (version.entry.seq,))
    return None


def is_for_deletion(version: Version, after: Version | None) -> bool:
    """Is this version the end of a copy, or followed by it at once?"""
    if not version.alive or version.deleting or DELETE_FOR_MOVE in version.annotations:
        return True
    return after is not None and is_for_deletion(after, None) and after.entry.at - version.entry.at < DELETED_SECONDS


def _side(name: str) -> Side:
    return "source" if name == "source" else "target"


def clipped(world: World, intervals: list[Held], key: SightKey) -> list[Held]:
    """Shorten intervals to what is certain: one that may have ended while nobody looked ends where the sight did."""
    ends = [*(gap.since for gap in world.coverage.gaps(key)), world.seen_until(key)]
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
