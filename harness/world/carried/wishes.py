"""What a user had asked of a host in objects that no move carries: firmware settings and updates, policies, images, subscriptions.

The Baremetal Operator makes some of these anew, empty; the others are collected with the host that they belong to.
"""

from collections.abc import Iterator
from typing import Any

from harness.world.moved_kinds import kind_of
from harness.world.moved_objects import ObjectMismatch, in_scope
from harness.world.moves import JudgedMove
from harness.world.releases import FOREVER, released_at
from harness.world.world import ObjectKey, Version, World, version_at

WISHES: dict[str, tuple[str, ...]] = {
    "HostFirmwareSettings": ("settings",),
    "HostFirmwareComponents": ("updates",),
    "HostUpdatePolicy": (),
    "DataImage": (),
    "BMCEventSubscription": (),
}
"""By kind, the members of `spec` that a user writes; none: all."""


def lost_wishes(world: World, leg: JudgedMove) -> Iterator[ObjectMismatch]:
    """Each object of a host whose wishes the destination does not have; it is told as its host's."""
    for kind in WISHES:
        for key, before in world.living(leg.move.origin, kind, at=leg.move.since):
            there = key._replace(cluster=leg.move.destination)
            timeline = world.objects.get(there, [])
            after = version_at(timeline, None if leg.last else leg.until)
            asked = wishes(kind, before)
            if not in_scope(world, key) or not asked or asked == (wishes(kind, after) if after and after.alive else None):
                continue
            host = ObjectKey(key.cluster, "BareMetalHost", key.namespace, host_of(before, key.name))
            if released_at(world, host, world.objects.get(host, [])) == FOREVER:
                text = f"{kind} {key.name}: what was asked in its spec ({', '.join(sorted(asked))}) is lost in the {leg.move.destination}"
                yield ObjectMismatch(host, text, (before.entry.seq,))


def wishes(kind: str, version: Version) -> dict[str, Any]:
    """What a user asked in this object's spec."""
    spec = version.get("spec")
    members = spec if isinstance(spec, dict) else {}
    return {
        name: it for name, it in members.items() if it not in (None, {}, [], "") and (not WISHES[kind] or name in WISHES[kind])
    }


def host_of(version: Version, name: str) -> str:
    """The host that it belongs to: its owner, else what its spec names, else the host of its own name."""
    owners = [one.get("name") for one in version.metadata.get("ownerReferences") or [] if kind_of(one) == "BareMetalHost"]
    return str(next(iter(owners), None) or version.get("spec", "hostName") or name)
