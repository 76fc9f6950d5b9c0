"""Finish a move whose mover was killed: tell what it left, what is to be done about it, and do it.

Before the first deletion the origin is whole: it is un-paused and moved again. From then on a second move would do harm: what is left
in the origin is deleted, owners last, and the Cluster in the destination is un-paused. Told on the screen and in logs/recovery.json.
"""

import sys
from collections.abc import Set as AbstractSet

import msgspec

from harness.bench import Bench
from harness.exits import RefusedError
from harness.facts import Side
from harness.inventory import expected
from harness.kube_client import ClusterError
from harness.move_end import EndClass, MoveEnd, classify
from harness.move_inventory import Inventory, Key, look
from harness.move_recovery import finish_deletion, quieten, secure_hosts, unpause, until_blocked_again
from harness.moves import moves
from harness.sight.kube_kinds import PIVOT_KINDS
from harness.steps import move
from harness.waiting import StepFailed

RECOVERY_FILE = "recovery.json"
AGAIN: tuple[EndClass, ...] = ("nothing moved", "source paused", "both sides")
GROUPS = {kind.kind: kind.group for kind in PIVOT_KINDS}


async def step(bench: Bench, *, origin: Side = "source", destination: Side = "target") -> None:
    """Bring the last move from `origin` to `destination` to its end; StepFailed where it cannot be, or is not afterwards."""
    before = objects_before(bench, origin, destination)
    end = await ending(bench, origin, destination, before)
    tell(bench, end)
    if end.name in AGAIN:
        await again(bench, end)
    elif end.name != "complete":
        await onwards(bench, end, before)
    after = await ending(bench, origin, destination, before)
    if after.name != "complete":
        raise StepFailed(f"after its recovery the move is still not complete: {after.says}")


def objects_before(bench: Bench, origin: Side, destination: Side) -> AbstractSet[Key]:
    """What stood in the origin when the move began; RefusedError where no move was seen, or where one is still going on."""
    made = [move for move in moves(bench.world) if (move.origin, move.destination) == (origin, destination)]
    if not made:
        raise RefusedError(f"no move from {origin} to {destination} was made in this run, so there is none to recover")
    if any(run.ended is None for run in bench.world.movers.values()):
        raise RefusedError("a mover still runs; two would undo each other's work")
    stood = expected(bench.world, origin, made[-1].since)
    return {Key(GROUPS[key.kind], key.kind, key.namespace, key.name) for key in stood}


async def inventories(bench: Bench, *sides: Side) -> list[Inventory]:
    """What is in these clusters now; StepFailed where one does not tell."""
    try:
        return [await look(bench.clusters[side], bench.namespace) for side in sides]
    except ClusterError as error:
        raise StepFailed(str(error)) from error


async def ending(bench: Bench, origin: Side, destination: Side, before: AbstractSet[Key]) -> MoveEnd:
    """How the move stands now."""
    here, there = await inventories(bench, origin, destination)
    return classify(here, there, before, (origin, destination))


def tell(bench: Bench, end: MoveEnd) -> None:
    """Print the state and the recipe, and keep both."""
    lines = [f"the move left: {end.says}", *(f"  {number}. {step}" for number, step in enumerate(end.recipe, 1))]
    sys.stdout.writelines(f"{line}\n" for line in lines)
    told = {"end": end.name, "says": end.says, "recipe": end.recipe, "marked": end.marked, "at_risk": end.at_risk}
    file = bench.directory / "logs" / RECOVERY_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n")


async def again(bench: Bench, end: MoveEnd) -> None:
    """Un-pause what the mover had paused, and let it begin anew."""
    if end.name != "nothing moved":
        (here,) = await inventories(bench, end.origin)
        await unpause(bench, end.origin, here)
        await until_blocked_again(bench, end.origin)
    await move.step(bench, origin=end.origin, destination=end.destination)


async def onwards(bench: Bench, end: MoveEnd, before: AbstractSet[Key]) -> None:
    """Do what the mover had left to do, by our own hand."""
    await quieten(bench, end.origin)
    here, there = await inventories(bench, end.origin, end.destination)
    await finish_deletion(bench, end.origin, here, there, before)
    await secure_hosts(bench, end.destination, there)
    await unpause(bench, end.destination, there)
