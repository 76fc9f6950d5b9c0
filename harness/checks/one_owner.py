"""One owner at a time: never two un-paused copies of a host, never two Ironics that hold it.

Ironic is not paused by anything that pauses a Baremetal Operator: an Ironic that was left running enforces its idea of the power state
(recorded run e). Both are followed as intervals; only an overlap that is certain is a failure.
"""

from collections.abc import Iterator
from typing import NamedTuple

from harness.journal.entry import Entry
from harness.journal.facts import IronicAnswers, IronicNode, IronicNodeGone
from harness.judgement import Judgement, failed, passed, unknown
from harness.world import ironics
from harness.world.coverage import SightKey
from harness.world.hosts import PAUSED, SIDES, Host, promised
from harness.world.world import World


class Held(NamedTuple):
    """A certain interval of ownership: from the latest it can have begun to the earliest it can have ended."""

    since: float
    until: float
    evidence: tuple[int, ...]
    uuid: str = ""


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
    blind = world.not_covered(*(SightKey("kube", side, "BareMetalHost") for side in SIDES), needed_from=host.since)
    blind = blind or ironics.ambiguous_intervals(world)
    for side in SIDES:
        blind = blind or ironics.not_covered(world, side, needed_from=host.since)
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    return passed("had one owner at a time", host.name)


def clipped(world: World, intervals: list[Held], key: SightKey) -> list[Held]:
    """Shorten intervals to what is certain: one that may have ended during a gap in coverage ends at the gap."""
    ends = [gap.since for gap in world.coverage.gaps(key)]
    if key.sight == "ironic":
        ends += [span.since for span in ironics.intervals_of_the_other(world, key.cluster)]
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


def held(world: World, host: Host, side: str) -> list[Held]:
    """When this side's Ironic had a node of the host and answered."""
    found: list[Held] = []
    begun: Entry | None = None
    uuid = ""
    turns = ironics.intervals_of_the_other(world, side)
    for entry in ironics.entries(world, side):
        if entry.since >= host.until:
            break
        ended = [span.since for span in turns if begun is not None and begun.at <= span.since <= entry.since]
        if ended and begun is not None:
            found.append(Held(begun.at, ended[0], (begun.seq, entry.seq), uuid))
            begun = None
        match entry.fact:
            case IronicNode(name=name) if begun is None and of_host(name, host):
                begun, uuid = entry, entry.fact.uuid
            case IronicNodeGone(name=name, uuid=gone) if begun is not None and (of_host(name, host) or gone == uuid):
                found.append(Held(begun.at, entry.since, (begun.seq, entry.seq), uuid))
                begun = None
            case IronicAnswers(up=False) if begun is not None:
                found.append(Held(begun.at, entry.since, (begun.seq, entry.seq), uuid))
                begun = None
            case _:
                pass
    return [*found, *([Held(begun.at, float("inf"), (begun.seq,), uuid)] if begun else [])]


def of_host(name: str, host: Host) -> bool:
    """Is an Ironic node of that name the host's (Baremetal Operator names them `namespace~name`)?"""
    return name in (f"{host.namespace}~{host.name}", host.name)


def overlap(some: list[Held], others: list[Held]) -> Held | None:
    """The first overlap of two lists of intervals; the same Ironic under two names is one owner."""
    for one in some:
        for other in others:
            since, until = max(one.since, other.since), min(one.until, other.until)
            if since < until and not (one.uuid and one.uuid == other.uuid):
                return Held(since, until, tuple(sorted((*one.evidence, *other.evidence))))
    return None
