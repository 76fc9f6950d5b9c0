"""What a user's deletion of a Cluster releases: that Cluster's own objects and hosts, and only if it is known who deleted it."""

from typing import NamedTuple

from harness.metal3 import CLUSTER_NAME, DELETE_FOR_MOVE
from harness.world.changes.authors import deleter
from harness.world.moves import moves
from harness.world.world import ObjectKey, Timeline, Version, World, answered_once

FOREVER = float("inf")
SETTLING_SECONDS = 5.0
"""A mover's last deletions may be seen so long after its end."""


class Release(NamedTuple):
    """A deletion that ends the promise to one Cluster's objects: when at the earliest (seconds), its entry, and who did it."""

    at: float
    seq: int
    by: str


Releases = dict[tuple[str, str], Release]
"""By namespace and name of the Cluster."""


@answered_once
def releases(world: World) -> Releases:
    """Every Cluster that a known user, or a step of this run, deleted; a mover's deletions are none."""
    found: Releases = {}
    for side in ("source", "target"):
        for key in world.keys(side, "Cluster"):
            release = release_of(world, key, world.objects[key])
            if release:
                found[key.namespace, key.name] = release
    return found


def release_of(world: World, key: ObjectKey, timeline: Timeline) -> Release | None:
    """The deletion that released this Cluster; None where there was none, or nobody knows by whom, or it was made anew since."""
    if timeline[-1].alive and not timeline[-1].deleting:
        return None
    for version in timeline:
        if not version.deleting or DELETE_FOR_MOVE in version.annotations or is_moved_away(world, key, version):
            continue
        by = deleter(world, version)
        return Release(version.entry.since, version.entry.seq, by) if by else None
    return None


def is_moved_away(world: World, key: ObjectKey, version: Version) -> bool:
    """Did a move from this cluster go on then?"""
    return any(
        move.origin == key.cluster and move.since <= version.entry.at <= move.until + SETTLING_SECONDS for move in moves(world)
    )


def cluster_of(key: ObjectKey, version: Version) -> str:
    """The name of the Cluster that an object belongs to, by its label or its own name; empty where nothing tells."""
    return key.name if key.kind == "Cluster" else version.labels.get(CLUSTER_NAME, "")


def released_at(world: World, key: ObjectKey, timeline: Timeline) -> float:
    """From when on nothing is promised of an object (seconds), as its Cluster was deleted; infinite where it was not.

    An object without a label of its Cluster is released by the deletion of the only Cluster of its namespace.
    """
    known = releases(world)
    if not known:
        return FOREVER
    names = {name for version in timeline if (name := cluster_of(key, version))}
    if not names:
        living = {(one.namespace, one.name) for side in ("source", "target") for one in world.keys(side, "Cluster")}
        names = {name for namespace, name in living if namespace == key.namespace}
        names = names if len(names) == 1 else set()
    return min((known[key.namespace, name].at for name in names if (key.namespace, name) in known), default=FOREVER)
