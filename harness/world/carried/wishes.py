"""What a user had asked in objects that no move carries: firmware settings and updates, policies, images, subscriptions, claims of hosts.

The Baremetal Operator makes some of these anew, empty; others are collected with the host that they belong to, or stay where they are.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from harness.journal.facts import SIDES
from harness.metal3 import CLUSTERCTL, MOVE
from harness.world.carried.kept_status import holds
from harness.world.carried.kinds import defined_kind
from harness.world.coverage import SightKey
from harness.world.moved_kinds import MOVED_KINDS, full_name, kind_of
from harness.world.moved_objects import ObjectMismatch, in_scope
from harness.world.moves import JudgedMove
from harness.world.releases import held_until, released_at
from harness.world.world import ObjectKey, Timeline, Version, World

WISHES: dict[str, tuple[str, ...]] = {
    **{one.kind: () for one in MOVED_KINDS if one.carried in ("lost", "stays")},
    "HostFirmwareSettings": ("settings",),
    "HostFirmwareComponents": ("updates",),
}
"""By kind, the members of `spec` that a user writes; none: all."""


class UserWish(NamedTuple):
    """What a user had asked in one object when the move began: the names of its members of `spec`, and the host that it is about."""

    key: ObjectKey
    version: Version
    members: tuple[str, ...]
    host: ObjectKey

    @property
    def says(self) -> str:
        """The object, and what it asks."""
        return f"{self.key.kind} {self.key.name}: what was asked in its spec ({', '.join(self.members)})"


def asked(world: World, origin: str, at: float) -> list[UserWish]:
    """Every wish that stood in a cluster at a time, of what the move is about."""
    found = []
    for kind in WISHES:
        for key, version in world.living(origin, kind, at=at):
            members = tuple(sorted(wishes(kind, version)))
            host = host_of(world, key, version)
            released = released_at(world, host, world.objects.get(host, [])) <= at
            if members and in_scope(world, key) and not released:
                found.append(UserWish(key, version, members, host))
    return found


def lost(world: World, leg: JudgedMove) -> list[UserWish]:
    """The wishes that the destination never had since the move began, each with those of its members that it lacks."""
    found = []
    for wish in asked(world, leg.move.origin, leg.move.since):
        there = copies(world, wish, leg)
        wanted = wishes(wish.key.kind, wish.version)
        lacking = tuple(name for name in wish.members if not any(has(it, wish.key.kind, name, wanted[name]) for it in there))
        if lacking:
            found.append(wish._replace(members=lacking))
    return found


def wished_kinds(world: World, leg: JudgedMove) -> dict[str, int]:
    """The kinds in which a user of the origin could ask something that no move carries, each with the entry of its definition."""
    definitions = (it for _, it in world.living(leg.move.origin, "CustomResourceDefinition", at=leg.move.since))
    return {kind: it.entry.seq for it in definitions if (kind := defined_kind(it)) in WISHES}


def copies(world: World, wish: UserWish, leg: JudgedMove) -> Timeline:
    """Its living versions in the destination since the move began, and the one that stood there then; none where it is gone at the end."""
    side = leg.move.destination
    until = held_until(world, wish.host.in_cluster(side), world.timeline(side, *wish.host[1:]), leg.until)
    timeline = [it for it in world.timeline(side, *wish.key[1:]) if it.entry.at < until]
    if not timeline or not timeline[-1].alive:
        return []
    return [it for it in timeline if it.alive and (it.entry.at > leg.move.since or it is timeline[-1])]


def has(version: Version, kind: str, name: str, wanted: Any) -> bool:
    """Does this version ask the same?"""
    return holds(wanted, wishes(kind, version).get(name))


def lost_wishes(world: World, leg: JudgedMove) -> Iterator[ObjectMismatch]:
    """Each wish that the move lost, told as its host's; unsure where the destination was not seen whole."""
    for wish in lost(world, leg):
        sight = SightKey("kube", leg.move.destination, wish.key.kind)
        blind = world.not_covered(sight, needed_from=leg.move.since)
        text = f"{wish.says} is lost in the {leg.move.destination} (cure: {cure(world, wish)})"
        yield ObjectMismatch(wish.host, text, (wish.version.entry.seq,), unsure=blind is not None)


def wishes(kind: str, version: Version) -> dict[str, Any]:
    """What a user asked in this object's spec."""
    spec = version.get("spec")
    members = spec if isinstance(spec, dict) else {}
    return {
        name: it for name, it in members.items() if it not in (None, {}, [], "") and (not WISHES[kind] or name in WISHES[kind])
    }


def cure(world: World, wish: UserWish) -> str:
    """How a user keeps what no move carries."""
    kind = wish.key.kind
    names = (key.name for key, it in world.living(wish.key.cluster, "CustomResourceDefinition") if defined_kind(it) == kind)
    labels = f"{CLUSTERCTL}=" if wish.version.metadata.get("ownerReferences") else f"{CLUSTERCTL}= {MOVE}="
    definition = next(names, f"of {full_name(kind)}")
    return f"save it and apply it again after the move, or before it: kubectl label crd {definition} {labels}"


def host_of(world: World, key: ObjectKey, version: Version) -> ObjectKey:
    """The host that it belongs to: its owner, what its spec names, whoever it consumes, else the host of its own name."""
    owners = [one.get("name") for one in version.metadata.get("ownerReferences") or [] if kind_of(one) == "BareMetalHost"]
    name = str(next(iter(owners), None) or version.get("spec", "hostName") or consumed(world, key) or key.name)
    return ObjectKey(key.cluster, "BareMetalHost", key.namespace, name)


def consumed(world: World, key: ObjectKey) -> str:
    """The name of the host that this object claims; empty where it claims none."""
    for side in SIDES:
        for host in world.keys(side, "BareMetalHost"):
            consumers = [it.get("spec", "consumerRef") for it in world.objects[host] if host.namespace == key.namespace]
            if any((kind_of(one), one.get("name")) == (key.kind, key.name) for one in consumers if isinstance(one, dict)):
                return host.name
    return ""
