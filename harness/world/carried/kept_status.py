"""What the status of carried objects must still say at the end, though no move carries it: which address and index belongs to whom.

Their controllers rebuild it from what arrived. What the origin showed, or the destination once had, and is gone at the end, is given to
somebody else next time.
"""

from collections.abc import Iterator
from typing import Any

from harness.world.carried.arrival import copies
from harness.world.carried.equality import comparable
from harness.world.changes.authors import author
from harness.world.coverage import SightKey
from harness.world.ironic.progress import settled_for
from harness.world.moved_objects import ObjectMismatch
from harness.world.moves import JudgedMove
from harness.world.releases import held_until
from harness.world.world import ObjectKey, Timeline, World

KEPT: dict[str, tuple[str, ...]] = {
    "IPPool": ("indexes",),
    "IPClaim": ("address",),
    "Metal3DataTemplate": ("indexes",),
    "Metal3DataClaim": ("renderedData",),
    "Metal3Data": ("ready",),
}
SETTLING_SECONDS = 30.0
"""CAPM3 and the IP address manager rebuild their bookkeeping in this time (recorded: 10 to 15 s)."""


def forgotten(world: World, key: ObjectKey, leg: JudgedMove) -> Iterator[ObjectMismatch]:
    """Each member of its status that is not again as it was."""
    side = leg.move.destination
    arrived = copies(world, key, leg)
    until = held_until(world, key.in_cluster(side), arrived, leg.until)
    there = [it for it in arrived if it.entry.at <= until]
    if not there or not leg.last:
        return
    for member in KEPT.get(key.kind, ()):
        last = there[-1]
        shown = (it for it in [*origin(world, key, leg), *there] if comparable(it, last))
        known = [it for it in shown if it.get("status", member)]
        if not known or all(holds(it.get("status", member), last.get("status", member)) for it in known):
            continue
        what = "is otherwise than it was" if last.get("status", member) else "is lost"
        text = f"{key.kind} {key.name}: status.{member} {what} in the {side}, {author(world, last, f'status.{member}')}"
        early = not settled(world, key, leg, until) and not any(it.get("status", member) for it in there)
        yield ObjectMismatch(key, text, (known[0].entry.seq, last.entry.seq), unsure=early)


def settled(world: World, key: ObjectKey, leg: JudgedMove, held: float) -> bool:
    """Was its kind watched for so long after the move, while it was held, that its controller must have written its status?"""
    sight = SightKey("kube", leg.move.destination, key.kind)
    if world.not_covered(sight, needed_from=leg.move.since):
        return False
    return settled_for(world, leg, sight, until=held) >= SETTLING_SECONDS / world.speed


def origin(world: World, key: ObjectKey, leg: JudgedMove) -> Timeline:
    """The last living version in the origin before it went."""
    return [it for it in world.objects[key] if it.alive and it.entry.at < leg.until][-1:]


def holds(before: Any, after: Any) -> bool:
    """Is everything that was there still there? More may have come."""
    if isinstance(before, dict) and isinstance(after, dict):
        return all(name in after and holds(it, after[name]) for name, it in before.items())
    if isinstance(before, list) and isinstance(after, list):
        return all(it in after for it in before)
    return bool(before == after)
