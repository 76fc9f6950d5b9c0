"""Objects that no move brought: new ones in the destination, and ones that were born in the origin too late to be carried."""

from collections.abc import Iterator

from harness.journal.entry import FOREVER
from harness.world.changes.authors import author
from harness.world.changes.users import SCALED, is_made_by_user
from harness.world.moved_kinds import MOVING, RELATED
from harness.world.moved_objects import NEVER_NEW, ObjectMismatch, identity, in_scope, moves_along, owners_of
from harness.world.moves import JudgedMove
from harness.world.world import ObjectKey, Timeline, Version, World, version_at

ASKED_FOR = ("MachineDeployment", "KubeadmControlPlane", "MachinePool")
"""Of these, the ones that only a user makes; a MachineSet is made by a rollout, too."""


def unexpected(world: World, before: dict[ObjectKey, Version], leg: JudgedMove) -> Iterator[ObjectMismatch]:
    """New objects in the destination that the move did not bring, e.g. from a rollout; but for those that a user's scaling made."""
    side = leg.move.destination
    found = {key: first for kind in NEVER_NEW for key in world.keys(side, kind) if (first := new(world, key, before, leg))}
    wanted = by_scaling(world, found, leg, users_own(world, before, leg))
    yield from same_server(world, before, leg)
    for key, first in found.items():
        host = key._replace(kind="BareMetalHost")
        of_new_host = key.kind == "HardwareData" and host in world.objects and new(world, host, before, leg)
        if key not in wanted and not of_new_host:
            whose = author(world, first)
            yield ObjectMismatch(key, f"{key.kind} {key.name} is new in the {side}, {whose}", (first.entry.seq,))


def same_server(world: World, before: dict[ObjectKey, Version], leg: JudgedMove) -> Iterator[ObjectMismatch]:
    """New hosts in the destination that are a carried one's server under another name; any other host is its user's own affair."""
    side = leg.move.destination
    for key in world.keys(side, "BareMetalHost"):
        first = new(world, key, before, leg)
        for old, version in before.items() if first else ():
            if first and old.kind == "BareMetalHost" and server(first) & server(version):
                whose = author(world, first)
                text = f"BareMetalHost {key.name} is new in the {side}, and is the server of {old.name}; {whose}"
                yield ObjectMismatch(old, text, (version.entry.seq, first.entry.seq))


def server(version: Version) -> set[str]:
    """What tells a host's server: the address of its BMC, and the MAC that it boots from."""
    told = (version.get("spec", "bmc", "address"), version.get("spec", "bootMACAddress"))
    return {str(it).lower() for it in told if it}


def new(world: World, key: ObjectKey, before: dict[ObjectKey, Version], leg: JudgedMove) -> Version | None:
    """Its first version, where it is new and was never in the origin; else None."""
    old = key.in_cluster(leg.move.origin)
    fresh = [version for version in world.objects[key] if leg.move.since < version.entry.at < leg.until]
    if not in_scope(world, key) or not fresh or not fresh[0].alive or old in before or was_there(world, key, leg):
        return None
    carried = any(it.alive and leg.move.since <= it.entry.at <= fresh[0].entry.at for it in world.objects.get(old, []))
    return None if carried else fresh[0]


def was_there(world: World, key: ObjectKey, leg: JudgedMove) -> bool:
    """Did the destination have this object before the move began?"""
    version = version_at(world.objects[key], leg.move.since)
    return version is not None and version.alive


def users_own(world: World, before: dict[ObjectKey, Version], leg: JudgedMove) -> set[ObjectKey]:
    """What was made after the move, and by no rollout: what only a user makes, and what is known to be a user's."""
    side = leg.move.destination
    asked = {key for kind in ASKED_FOR for key in world.keys(side, kind) if new(world, key, before, leg)}
    return asked | set(made_by_users(world, before, leg))


def made_by_users(world: World, before: dict[ObjectKey, Version], leg: JudgedMove) -> dict[ObjectKey, Version]:
    """New objects that a user is known to have made after the move, belonging to nothing but a Cluster, each with its first version."""
    return {
        key: first
        for kind in NEVER_NEW
        for key in world.keys(leg.move.destination, kind)
        if (first := new(world, key, before, leg)) and first.entry.since > leg.move.until
        if is_apart(world.objects[key], key) and is_made_by_user(world, first)
    }


def is_apart(timeline: Timeline, key: ObjectKey) -> bool:
    """Does no version of it belong to anything but a Cluster?"""
    return all(owner.kind == "Cluster" for version in timeline for owner in owners_of(key, version))


def notes(world: World, before: dict[ObjectKey, Version], leg: JudgedMove) -> Iterator[str]:
    """What users made after the move, in words."""
    for key, first in made_by_users(world, before, leg).items():
        yield f"{key.kind} {key.name} was made in the {key.cluster} at {first.entry.at:.1f} s, {author(world, first)}"


def by_scaling(world: World, found: dict[ObjectKey, Version], leg: JudgedMove, users: set[ObjectKey]) -> set[ObjectKey]:
    """The new objects that follow from what users made after the move, or from a number of replicas that was raised or set anew then."""
    room: dict[ObjectKey, float] = {
        key: FOREVER if key in users else raised(world, key, leg)
        for kind in SCALED
        for key in world.keys(leg.move.destination, kind)
    }
    wanted = users & found.keys()
    makers = {identity(key): key for key in (*users, *(key for key, more in room.items() if more > 0))}
    for key, first in sorted(found.items(), key=lambda item: item[1].entry.seq):
        for owner in owners_of(key, first):
            source = makers.get(owner)
            if source and (source not in room or room[source] > 0):
                if source in room:
                    room[source] -= 1
                wanted.add(key)
                room |= {key: FOREVER} if key in room else {}
                makers[identity(key)] = key
                break
    return wanted


def raised(world: World, key: ObjectKey, leg: JudgedMove) -> int:
    """By how many replicas it was raised in the destination after it had arrived."""
    counts = [
        count
        for it in world.objects[key]
        if it.alive and leg.move.since < it.entry.at < leg.until and isinstance(count := it.get("spec", "replicas"), int)
    ]
    return max(counts) - counts[0] if counts else 0


def born_too_late(world: World, before: dict[ObjectKey, Version], leg: JudgedMove) -> Iterator[ObjectMismatch]:
    """Objects that were made in the origin while the move went on, and that it left there: it had counted before."""
    clusters = {(key.namespace, key.name) for key in before if key.kind == "Cluster"}
    owned = {identity(key) for key in before}
    for kind in (*MOVING, *RELATED):
        for key in world.keys(leg.move.origin, kind):
            first = next((it for it in world.objects[key] if leg.move.since < it.entry.at < leg.until), None)
            if key in before or first is None or first.change != "added" or first.entry.since > leg.move.until:
                continue
            last = version_at(world.objects[key], None if leg.last else leg.until)
            related = kind in MOVING or moves_along(key, first, clusters, owned)
            if last and last.alive and in_scope(world, key) and related:
                whose = author(world, first)
                when = f"made in the {key.cluster} at {first.entry.at:.1f} s, after the move began, {whose}"
                yield ObjectMismatch(key, f"{kind} {key.name} was {when}, and was left behind", (first.entry.seq,))
