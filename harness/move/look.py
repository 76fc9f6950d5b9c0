"""What both clusters hold of a move now."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from harness.bench.bench import Bench
from harness.errors import StepFailedError
from harness.journal.facts import Side
from harness.kube.errors import ClusterError
from harness.move.objects import Inventory, Key, list_movable
from harness.world.moved_kinds import group_and_kind
from harness.world.world import ObjectKey

RECOVERY_FILE = "recovery.json"


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
