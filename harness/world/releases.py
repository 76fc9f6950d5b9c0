"""What a user's deletion of a Cluster releases: that Cluster's own objects and hosts, and only if it is known who deleted it.

Where a step of this run deprovisions a part of a Cluster (its workers, its control plane), that releases the hosts of the part alone, and
what belongs to no host; those of the other part are looked at as before.
"""

from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from harness.journal.entry import FOREVER
from harness.journal.facts import SIDES
from harness.metal3 import CLUSTER_NAME, DELETE_FOR_MOVE
from harness.world.changes.authors import deleter, deletions
from harness.world.changes.rollouts import replaced
from harness.world.coverage import SightKey
from harness.world.moved_kinds import kind_of
from harness.world.moves import all_moves, renewed_since
from harness.world.world import ObjectKey, Timeline, Version, World, answered_once, version_at

SETTLING_SECONDS = 5.0
"""A mover's last deletions may be seen so long after its end."""

ANSWER_SECONDS = 1.0
"""An audit log tells of a request once it was answered: what follows from it may have been seen so long before."""


MAKERS = ("MachineDeployment", "MachineSet", "KubeadmControlPlane", "Machine")
"""What somebody deletes to be rid of a part of a Cluster."""

OURS = "by this harness (delete "


class Release(NamedTuple):
    """A deletion that ends the promise to one Cluster's objects: when at the earliest (seconds), its entry, and who did it.

    `doubt`: why it is not known whether its user deleted it; then nothing that came afterwards is proven, neither good nor bad. `taken`: a
    rollout of this run replaced what ran there.
    """

    at: float
    seq: int
    by: str
    doubt: str = ""
    taken: bool = False


Releases = dict[tuple[str, str], Release]
"""By namespace and name of the Cluster."""


@answered_once
def releases(world: World) -> Releases:
    """Every Cluster that a known user, or a step of this run, deleted, or may have deleted unseen; a mover's deletions are none."""
    found: Releases = {}
    for side in SIDES:
        for key in clusters(world, side):
            release = release_of(world, key, world.objects.get(key, []))
            if release:
                found[key.namespace, key.name] = release
    return found


def clusters(world: World, side: str) -> list[ObjectKey]:
    """Every Cluster that may have been in this cluster: one that was seen in the other may have come unseen."""
    return list(dict.fromkeys(key.in_cluster(side) for each in SIDES for key in world.keys(each, "Cluster")))


def release_of(world: World, key: ObjectKey, timeline: Timeline) -> Release | None:
    """The deletion that released this Cluster; None where there was none, or it was made anew since, or no audit log names anybody.

    One that was deleted and made anew, and deleted once more, is released by the last deletion only.
    """
    if not timeline or (timeline[-1].alive and not timeline[-1].deleting):
        return unseen_release(world, key)
    last = reversed(list(takewhile(lambda it: not it.alive or it.deleting, reversed(timeline))))
    for version in last:
        if not version.deleting or DELETE_FOR_MOVE in version.annotations or is_moved_away(world, key, version):
            continue
        if by := deleter(world, version):
            return Release(version.entry.since, version.entry.seq, by)
        blind = world.not_covered(SightKey("audit", key.cluster), needed_from=version.entry.since, needed_until=version.entry.at)
        text = f"Cluster {key.name} was deleted at {version.entry.at:.1f} s, and whether by its user was not seen"
        return Release(version.entry.since, version.entry.seq, "", f"{text}: {blind.says}") if blind else None
    return None


def unseen_release(world: World, key: ObjectKey) -> Release | None:
    """A deletion that the audit log tells of, while nobody looked at the Clusters."""
    for entry, write in deletions(world, key):
        blind = world.not_covered(SightKey("kube", key.cluster, "Cluster"), needed_until=entry.at)
        if blind and not is_moved_at(world, key, entry.at):
            text = f"Cluster {key.name} was to be deleted by {write.user} at {entry.at:.1f} s, and whether it was, was not seen"
            return Release(entry.since - ANSWER_SECONDS, entry.seq, f"by {write.user}", f"{text}: {blind.says}")
    return None


def is_moved_away(world: World, key: ObjectKey, version: Version) -> bool:
    """Did a move from this cluster go on then?"""
    return is_moved_at(world, key, version.entry.at)


def is_moved_at(world: World, key: ObjectKey, time: float) -> bool:
    """Did a move from this cluster go on at that time (seconds)? All moves count, also those before the hosts were promised anew."""
    return any(move.origin == key.cluster and move.since <= time <= move.until + SETTLING_SECONDS for move in all_moves(world))


def cluster_of(key: ObjectKey, version: Version) -> str:
    """The name of the Cluster that an object belongs to, by its own name, its label or its owner; empty where nothing tells."""
    if key.kind == "Cluster":
        return key.name
    owners = [one for one in version.metadata.get("ownerReferences") or [] if isinstance(one, dict) and kind_of(one) == "Cluster"]
    return version.labels.get(CLUSTER_NAME, "") or str(next(iter(owners), {}).get("name") or "")


def released_at(world: World, key: ObjectKey, timeline: Timeline) -> float:
    """From when on nothing is promised of an object (seconds), as its Cluster was deleted; infinite where it was not."""
    release = release_for(world, key, timeline)
    return release.at if release else FOREVER


def held_until(world: World, key: ObjectKey, timeline: Timeline, until: float) -> float:
    """Until when an object is looked at (seconds): `until`, or its release, as what came after that was its user's will."""
    return min(until, released_at(world, key, timeline))


def held_version(world: World, key: ObjectKey, until: float) -> Version | None:
    """The newest version of an object until then while it was looked at; None where there was none."""
    timeline = world.objects.get(key, [])
    return version_at(timeline, held_until(world, key, timeline, until))


def release_for(world: World, key: ObjectKey, timeline: Timeline) -> Release | None:
    """The deletion that released an object; None where there was none.

    An object that does not tell its Cluster is released by the deletion of the only Cluster of its namespace.
    """
    known = releases(world)
    of_part = part_release(world, key)
    if not known:
        return of_part
    names = {name for version in timeline if (name := cluster_of(key, version))}
    if not names:
        living = {(one.namespace, one.name) for side in SIDES for one in world.keys(side, "Cluster")}
        names = {name for namespace, name in living if namespace == key.namespace}
        names = names if len(names) == 1 else set()
    of_cluster = [known[key.namespace, name] for name in names if (key.namespace, name) in known]
    return min([*of_cluster, *([of_part] if of_part else [])], default=None)


class PartRelease(NamedTuple):
    """The deletion of a part of a Cluster, by a step of this run; `consumers` are the names of its Metal3Machines.

    `whole`: what belongs to no host went with it; else it was a single Machine, which a rollout replaced.
    """

    release: Release
    namespace: str
    consumers: frozenset[str]
    whole: bool = True


@answered_once
def given_up(world: World) -> list[PartRelease]:
    """Every part that steps of this run deprovisioned, or let be replaced, in the order of their begin."""
    found: list[PartRelease] = list(let_be_replaced(world))
    for key in (key for side in SIDES for kind in MAKERS for key in world.keys(side, kind)):
        going = (it for it in world.objects[key] if is_given_up_here(world, key, it))
        ours = next(
            (Release(it.entry.since, it.entry.seq, by) for it in going if (by := deleter(world, it)).startswith(OURS)), None
        )
        if ours:
            machines = [one for one in world.keys(key.cluster, "Machine") if one == key or key in ancestors(world, one)]
            names = frozenset(name for one in machines for name in servers_of(world, one))
            found.append(PartRelease(ours, key.namespace, names))
    since = renewed_since(world) or 0.0
    return sorted(part for part in found if part.release.at >= since)


def let_be_replaced(world: World) -> Iterator[PartRelease]:
    """Every Machine that a rollout of this run replaced: it is released when it goes, and its host with it."""
    for one in replaced(world):
        by = f"by the rollout of {one.maker.kind} {one.maker.name} (step {one.rollout.step})"
        release = Release(one.going.entry.since, one.going.entry.seq, by, taken=True)
        yield PartRelease(release, one.machine.namespace, frozenset(servers_of(world, one.machine)), whole=False)


def is_given_up_here(world: World, key: ObjectKey, version: Version) -> bool:
    """Is the object on its way out in this version, and not by a move?"""
    going = version.deleting or not version.alive
    return going and DELETE_FOR_MOVE not in version.annotations and not is_moved_away(world, key, version)


def ancestors(world: World, key: ObjectKey) -> set[ObjectKey]:
    """All that an object ever stood below in its cluster, by owner references."""
    above: set[ObjectKey] = set()
    pending = [key]
    while pending:
        references = [ref for it in world.objects.get(pending.pop(), ()) for ref in it.metadata.get("ownerReferences") or ()]
        owners = {key._replace(kind=kind_of(ref), name=str(ref.get("name") or "")) for ref in references} - above
        above |= owners
        pending += owners
    return above


def servers_of(world: World, key: ObjectKey) -> set[str]:
    """By the names of its Metal3Machine, the server that an object is about; empty where it is about none."""
    line = {key, *ancestors(world, key)}
    paths = {"Machine": ("spec", "infrastructureRef", "name"), "BareMetalHost": ("spec", "consumerRef", "name")}
    names = {each.name for each in line if each.kind == "Metal3Machine"}
    for each in line:
        if path := paths.get(each.kind):
            names |= {str(name) for it in world.objects.get(each, ()) if (name := it.get(*path))}
    return names


def part_release(world: World, key: ObjectKey) -> Release | None:
    """The deletion of the part that an object belongs to; what is about no server belongs to the one that began first."""
    parts = [part for part in given_up(world) if part.namespace == key.namespace]
    if not parts:
        return None
    names = servers_of(world, key)
    is_host = key.kind == "BareMetalHost" or any(each.kind == "BareMetalHost" for each in ancestors(world, key))
    mine = [part for part in parts if part.consumers & names or (part.whole and not (names or is_host))]
    return mine[0].release if mine else None
