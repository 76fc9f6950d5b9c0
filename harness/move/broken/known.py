"""What must be known of a move to lead it on: what it was to carry, and the status of its hosts; from the journal that saw it."""

from collections.abc import Set as AbstractSet
from typing import NamedTuple

from harness.journal.facts import SIDES, Side
from harness.metal3 import BLOCK_MOVE, STATUS
from harness.move.look import keys_of
from harness.move.objects import Key
from harness.world.hosts import Host, promised
from harness.world.moved_objects import expected
from harness.world.moves import Move, moves
from harness.world.world import ObjectKey, World, version_at


class KnownHost(NamedTuple):
    """A host to which the promise is made. `blocked`: it blocked the move when that began; `status`: the newest annotation seen."""

    name: str
    namespace: str
    object_name: str
    blocked: bool
    status: str


class KnownMove(NamedTuple):
    """One move. `before`: what stood in the origin when it began; `resident`: those that stood in the destination already."""

    origin: Side
    destination: Side
    before: AbstractSet[Key]
    resident: AbstractSet[Key]
    hosts: tuple[KnownHost, ...]


def known_move(world: World, origin: Side, destination: Side) -> KnownMove | None:
    """The last move this way; None where none was made."""
    made = [move for move in moves(world) if (move.origin, move.destination) == (origin, destination)]
    if not made:
        return None
    stood = expected(world, origin, made[-1].since)
    resident = [key for key in stood if stands_there(world, key, destination, made[0])]
    hosts = tuple(known_host(world, host) for host in promised(world))
    return KnownMove(origin, destination, keys_of(stood), keys_of(resident), hosts)


def stands_there(world: World, key: ObjectKey, side: Side, move: Move) -> bool:
    """Did an object of this name stand in that cluster when the move began?"""
    version = version_at(world.timeline(side, *key[1:]), move.since)
    return version is not None and version.alive


def known_host(world: World, host: Host) -> KnownHost:
    """What the journal tells of a host."""
    seen = [version for cluster in SIDES for version in host.versions(world, cluster) if STATUS in version.annotations]
    newest = max(seen, key=lambda version: version.entry.seq).annotations[STATUS] if seen else ""
    return KnownHost(host.name, host.namespace, host.object_name, BLOCK_MOVE in host.baseline.annotations, newest)
