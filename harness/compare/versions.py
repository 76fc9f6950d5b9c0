"""The versions of objects within a leg of a run, and what a cluster is in it: the origin or the destination of its move."""

from collections.abc import Iterator

import msgspec

from harness.journal.facts import ObjectSeen
from harness.world.moves import Leg
from harness.world.world import Timeline, Version

PARTS = ("origin", "destination")


def part(leg: Leg, cluster: str) -> str:
    """`origin` or `destination`, or the cluster's own name where it is neither."""
    return {leg.origin: PARTS[0], leg.destination: PARTS[1]}.get(cluster, cluster)


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
