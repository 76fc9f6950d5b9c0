"""What both clusters hold of a move now, and what stood in the origin before it."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from harness.bench.bench import Bench
from harness.errors import StepFailedError, UsageError
from harness.journal.facts import Side
from harness.kube.errors import ClusterError
from harness.move.objects import Inventory, Key, list_movable
from harness.world.moved_kinds import group_and_kind
from harness.world.moved_objects import expected
from harness.world.moves import moves
from harness.world.world import ObjectKey

RECOVERY_FILE = "recovery.json"


def objects_before(bench: Bench, origin: Side, destination: Side) -> AbstractSet[Key]:
    """What stood in the origin when the move began; UsageError where no move was seen, or where one is still going on."""
    made = [move for move in moves(bench.world) if (move.origin, move.destination) == (origin, destination)]
    if not made:
        raise UsageError(f"no move from {origin} to {destination} was made in this run, so there is none to recover")
    if any(run.ended is None for run in bench.world.movers.values()):
        raise UsageError("a mover still runs; two would undo each other's work")
    return keys_of(expected(bench.world, origin, made[-1].since))


def keys_of(stood: Iterable[ObjectKey]) -> AbstractSet[Key]:
    """The same objects by group and kind; kinds of which nobody knows the group are left out."""
    return {Key(*found, key.namespace, key.name) for key in stood if (found := group_and_kind(key.kind))}


async def inventories(bench: Bench, origin: Side, destination: Side) -> tuple[Inventory, Inventory]:
    """What is in both clusters now; StepFailedError where one does not tell."""
    return await inventory(bench, origin), await inventory(bench, destination)


async def inventory(bench: Bench, side: Side) -> Inventory:
    """What is in this cluster now; StepFailedError where it does not tell."""
    try:
        return await list_movable(bench.clusters[side], bench.namespace)
    except ClusterError as error:
        raise StepFailedError(str(error)) from error
