"""When each cluster's Ironic held a host, as intervals that are certain."""

from typing import NamedTuple

from harness.journal.entry import Entry
from harness.journal.facts import IronicAnswers, IronicNode, IronicNodeGone
from harness.world.hosts import Host
from harness.world.ironic.presence import entries, intervals_of_the_other
from harness.world.ironic.told import about
from harness.world.world import World, answered_once


class Held(NamedTuple):
    """A certain interval in which a host had an owner: from the latest it can have begun to the earliest it can have ended."""

    since: float
    until: float
    evidence: tuple[int, ...]
    uuid: str = ""


@answered_once
def held(world: World, host: Host, side: str) -> list[Held]:
    """When this side's Ironic had a node of the host and answered."""
    found: list[Held] = []
    begun: Entry | None = None
    uuid = ""
    turns = intervals_of_the_other(world, side)
    for entry in entries(world, side) if turns else told_of(world, host, side):
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


def node_of_name(world: World, host: Host, side: str) -> Entry | None:
    """The entry of the node that this side's Ironic has of the host now; None where it has none."""
    intervals = held(world, host, side)
    if not intervals or intervals[-1].until != float("inf"):
        return None
    return next(entry for entry in entries(world, side) if entry.seq == intervals[-1].evidence[0])


def of_host(name: str, host: Host) -> bool:
    """Is an Ironic node of that name the host's (Baremetal Operator names them `namespace~name`)?"""
    return name in names_of(host)


def names_of(host: Host) -> tuple[str, str]:
    """By which names an Ironic may know the host."""
    return f"{host.namespace}~{host.object_name}", host.name


def told_of(world: World, host: Host, side: str) -> list[Entry]:
    """All that this side's Ironic told of nodes of the host's name, of what became of their IDs, and whether it answers."""
    names = names_of(host)
    uuids = {it.fact.uuid for it in about(world, side, names=names) if isinstance(it.fact, IronicNode)}
    return about(world, side, uuids=uuids, names=names, answers=True)


def overlap(some: list[Held], others: list[Held]) -> Held | None:
    """The first overlap of two lists of intervals; the same Ironic under two names is one owner."""
    for one in some:
        for other in others:
            since, until = max(one.since, other.since), min(one.until, other.until)
            if since < until and not (one.uuid and one.uuid == other.uuid):
                return Held(since, until, tuple(sorted((*one.evidence, *other.evidence))))
    return None
