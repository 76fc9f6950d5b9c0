"""The legs of a run: each a move in one direction with what led to it and what followed, or a provisioning from zero without a move."""

from collections.abc import Iterator
from itertools import pairwise

import msgspec

from harness.journal.entry import Entry
from harness.journal.facts import ObjectSeen, StepEnded
from harness.world.moves import Move, moves, provisionings
from harness.world.world import Timeline, Version, World

SIDES = ("origin", "destination")
CLUSTERS = ("source", "target")


class Leg(msgspec.Struct, frozen=True):
    """One comparable part of a run: a move in one direction (with its repetitions), what led to it and what followed.

    `began` is the start of the move; the story holds what came after `since` and not after `until` (all in seconds). Where nothing
    `moved`, origin and destination are source and target, and it began with the run.
    """

    origin: str
    destination: str
    began: float
    since: float
    until: float
    moved: bool = True

    def holds(self, entry: Entry) -> bool:
        """Is the entry within this leg?"""
        return self.since < entry.at <= self.until

    def side(self, cluster: str) -> str:
        """`origin` or `destination`, or the cluster's own name where it is neither."""
        return {self.origin: SIDES[0], self.destination: SIDES[1]}.get(cluster, cluster)


def legs(world: World) -> list[Leg]:
    """The run's legs in order: a provisioning, where the run did one before it moved anything, and each move."""
    groups: list[list[Move]] = []
    for move in moves(world):
        if groups and (move.origin, move.destination) == (groups[-1][0].origin, groups[-1][0].destination):
            groups[-1].append(move)
        else:
            groups.append([move])
    began = max((end for end in provisionings(world) if groups and end < groups[0][0].since), default=-1.0)
    unmoved = [Leg(*CLUSTERS, 0.0, -1.0, began if groups else float("inf"), moved=False)] if began > 0 or not groups else []
    edges = [began, *(boundary(world, before, after) for before, after in pairwise(groups)), float("inf")]
    spans = zip(groups, edges, edges[1:], strict=False)
    return unmoved + [Leg(group[0].origin, group[0].destination, group[0].since, since, until) for group, since, until in spans]


def boundary(world: World, before: list[Move], after: list[Move]) -> float:
    """The time between two legs: when the run had settled, else when the first leg's move ended."""
    settled = [
        entry.at
        for entry in world.steps
        if isinstance(entry.fact, StepEnded) and entry.fact.word == "settle" and before[-1].until <= entry.at <= after[0].since
    ]
    return max(settled, default=min(before[-1].until, after[0].since))


def versions_in(timeline: Timeline, leg: Leg) -> Iterator[tuple[Version, Version | None]]:
    """Each version within the leg with its predecessor; first the version at the leg's begin, without a predecessor."""
    known = [version for version in timeline if version.entry.at <= leg.since]
    before = as_listed(known[-1]) if known and known[-1].alive else None
    if before:
        yield before, None
    for version in timeline:
        if leg.holds(version.entry):
            yield version, before
            before = version


def as_listed(version: Version) -> Version:
    """The version as a first list at the beginning of the leg would have shown it."""
    fact = version.entry.fact
    if not isinstance(fact, ObjectSeen):
        return version
    entry = msgspec.structs.replace(version.entry, fact=msgspec.structs.replace(fact, change="listed"))
    return msgspec.structs.replace(version, entry=entry)
