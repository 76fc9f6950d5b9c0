"""One run as a trace: what happened, by host and lane, in words that are comparable with another lab's run.

Pure functions over a journal. Hosts are named by their role, clusters by their part in the move: *origin* and *destination*.
"""

from collections import Counter
from collections.abc import Iterable

import msgspec

from harness.compare.lanes import LegView, TraceEntry, lanes
from harness.compare.roles import roles
from harness.compare.versions import part, versions_in
from harness.journal.entry import Entry
from harness.journal.facts import SIDES, ObjectSeen
from harness.world.moves import Leg, legs
from harness.world.world import World


class HostTrace(msgspec.Struct, frozen=True):
    """One host: its name in its own lab, its role (`worker 2`), and its lanes."""

    name: str
    role: str
    lanes: dict[str, tuple[TraceEntry, ...]]


class Trace(msgspec.Struct, frozen=True):
    """A whole run (or a leg of it).

    `counts` are watch events: `destination Machine modified` -> how many; `watched` are the kinds counted: `destination Machine`,
    or `destination *` for all.
    """

    imported: bool
    scenario: str
    leg: Leg
    hosts: tuple[HostTrace, ...]
    counts: dict[str, int]
    watched: frozenset[str]

    def watches(self, counted: str) -> bool:
        """Could this run have counted that?"""
        side, kind = counted.split(" ")[:2]
        return bool({f"{side} {kind}", f"{side} *"} & self.watched)


class UnknownLegError(Exception):
    """The run has no leg of that number; the text says how many there are."""


def trace_of(entries: Iterable[Entry], number: int = 0) -> Trace:
    """The trace of a journal's leg `number` (a move, or the provisioning before it), counted from 1; 0: the last.

    Raises UnknownLegError.
    """
    world = World(entries, final=True)
    found = legs(world)
    if number > len(found):
        raise UnknownLegError(f"there is no move {number}: the run has {len(found)}, a provisioning from zero included")
    leg = found[number - 1]
    run = world.run
    return Trace(
        imported=run is not None and run.mode == "import",
        scenario=run.scenario if run else "",
        leg=leg,
        hosts=tuple(HostTrace(name, role, dict(lanes(LegView(world, leg), name))) for role, name in roles(world, leg)),
        counts=counts(world, leg),
        watched=watched(world, leg),
    )


def counts(world: World, leg: Leg) -> dict[str, int]:
    """Number of watch events by side, kind and type; objects of the first list count as `listed`."""
    found: Counter[str] = Counter()
    for key, timeline in world.objects.items():
        for version, _ in versions_in(timeline, leg):
            fact = version.entry.fact
            if not isinstance(fact, ObjectSeen):
                continue
            found[f"{part(leg, key.cluster)} {key.kind} {fact.change}"] += 1
    return dict(found)


def watched(world: World, leg: Leg) -> frozenset[str]:
    """The kinds whose watch events were seen, by side."""
    keys = [key for key, sight in world.coverage.sights.items() if key.sight == "kube" and sight.began]
    clusters = (*SIDES, "workload")
    return frozenset(
        f"{part(leg, cluster)} {key.kind or '*'}" for key in keys for cluster in clusters if key.cluster in ("", cluster)
    )
