"""Finish a move whose mover was killed: tell what it left, what is to be done about it, and do it.

Before the first deletion the origin is whole: it is un-paused and moved again. From then on a second move would do harm: what is left
in the origin is deleted, owners last, and the Cluster in the destination is un-paused. Told on the screen and in logs/recovery.json.
"""

import sys
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

import msgspec

from harness.bench.bench import Bench
from harness.bench.waiting import StepFailed
from harness.exits import RefusedError
from harness.journal.facts import Side
from harness.kube.client import ClusterError
from harness.move.end_state import EndClass, MoveEnd, classify
from harness.move.leftovers import Left, left_of
from harness.move.objects import Inventory, Key, look
from harness.move.repair import finish_deletion, quieten, secure_hosts, unpause, until_blocked_again
from harness.sight.kube.kinds import PIVOT_KINDS
from harness.steps import move
from harness.world.moved_objects import expected
from harness.world.moves import moves
from harness.world.world import ObjectKey

RECOVERY_FILE = "recovery.json"
AGAIN: tuple[EndClass, ...] = ("nothing moved", "source paused", "both sides")
GROUPS = {kind.kind: kind.group for kind in PIVOT_KINDS}


async def step(bench: Bench, *, origin: Side = "source", destination: Side = "target") -> None:
    """Bring the last move from `origin` to `destination` to its end; StepFailed where it cannot be, or is not afterwards."""
    before = objects_before(bench, origin, destination)
    here, there = await inventories(bench, origin, destination)
    end = classify(here, there, before, (origin, destination))
    tell(bench, end, left_of(here, there, before))
    if end.name in AGAIN:
        await again(bench, end)
    elif end.name != "complete":
        await onwards(bench, end, before)
    after = classify(*await inventories(bench, origin, destination), before, (origin, destination))
    if after.name != "complete":
        raise StepFailed(f"after its recovery the move is still not complete: {after.says}")


def objects_before(bench: Bench, origin: Side, destination: Side) -> AbstractSet[Key]:
    """What stood in the origin when the move began; RefusedError where no move was seen, or where one is still going on."""
    made = [move for move in moves(bench.world) if (move.origin, move.destination) == (origin, destination)]
    if not made:
        raise RefusedError(f"no move from {origin} to {destination} was made in this run, so there is none to recover")
    if any(run.ended is None for run in bench.world.movers.values()):
        raise RefusedError("a mover still runs; two would undo each other's work")
    return keys_of(expected(bench.world, origin, made[-1].since))


def keys_of(stood: Iterable[ObjectKey]) -> AbstractSet[Key]:
    """The same objects by group and kind."""
    return {Key(GROUPS[key.kind], key.kind, key.namespace, key.name) for key in stood}


async def inventories(bench: Bench, origin: Side, destination: Side) -> tuple[Inventory, Inventory]:
    """What is in both clusters now; StepFailed where one does not tell."""
    return await inventory(bench, origin), await inventory(bench, destination)


async def inventory(bench: Bench, side: Side) -> Inventory:
    """What is in this cluster now; StepFailed where it does not tell."""
    try:
        return await look(bench.clusters[side], bench.namespace)
    except ClusterError as error:
        raise StepFailed(str(error)) from error


def tell(bench: Bench, end: MoveEnd, left: Left) -> None:
    """Print the state and the recipe, and keep both, with what was found of each object."""
    lines = [f"the move left: {end.says}", *(f"  {number}. {step}" for number, step in enumerate(end.recipe, 1))]
    sys.stdout.writelines(f"{line}\n" for line in lines)
    told = {"end": end.name, "says": end.says, "recipe": end.recipe, "marked": end.marked, "at_risk": end.at_risk, "left": left}
    file = bench.directory / "logs" / RECOVERY_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n")


async def again(bench: Bench, end: MoveEnd) -> None:
    """Un-pause what the mover had paused, and let it begin anew."""
    if end.name != "nothing moved":
        await unpause(bench, end.origin, await inventory(bench, end.origin))
        await until_blocked_again(bench, end.origin)
    await move.step(bench, origin=end.origin, destination=end.destination)


async def onwards(bench: Bench, end: MoveEnd, before: AbstractSet[Key]) -> None:
    """Do what the mover had left to do, by our own hand."""
    await quieten(bench, end.origin)
    here, there = await inventories(bench, end.origin, end.destination)
    await finish_deletion(bench, end.origin, here, there, before)
    await secure_hosts(bench, end.destination, there)
    await unpause(bench, end.destination, there)
