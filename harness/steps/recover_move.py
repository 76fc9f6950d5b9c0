"""Finish a move whose mover was killed: tell what it left, what is to be done about it, and do it.

Before the first deletion the origin is whole: it is un-paused and moved again. From then on a second move would do harm: what is
left in the origin is deleted, owners last, and the Cluster in the destination is un-paused. Printed, and written to
logs/recovery.json.
"""

import sys
from collections.abc import Set as AbstractSet

import msgspec

from harness.bench.bench import Bench
from harness.errors import StepFailedError
from harness.journal.facts import Side
from harness.move.end_state import EndState, MoveEndState, classify
from harness.move.leftovers import Leftovers, leftovers_of
from harness.move.look import RECOVERY_FILE, inventories, inventory, objects_before
from harness.move.objects import Key
from harness.move.repair import finish_deletion, quieten, secure_hosts, unpause, until_blocked_again
from harness.steps import move

AGAIN: tuple[EndState, ...] = ("nothing moved", "source paused", "both sides")


async def step(bench: Bench, *, origin: Side = "source", destination: Side = "target") -> None:
    """Bring the last move from `origin` to `destination` to its end; StepFailedError where it cannot be, or is not afterwards."""
    before = objects_before(bench, origin, destination)
    here, there = await inventories(bench, origin, destination)
    end = classify(here, there, before, (origin, destination))
    report(bench, end, leftovers_of(here, there, before))
    if end.name in AGAIN:
        await again(bench, end)
    elif end.name != "complete":
        await onwards(bench, end, before)
    after = classify(*await inventories(bench, origin, destination), before, (origin, destination))
    if after.name != "complete":
        raise StepFailedError(f"after its recovery the move is still not complete: {after.says}")


def report(bench: Bench, end: MoveEndState, left: Leftovers) -> None:
    """Print the state and the recipe, and keep both, with what was found of each object."""
    lines = [f"the move left: {end.says}", *(f"  {number}. {step}" for number, step in enumerate(end.recipe, 1))]
    sys.stdout.writelines(f"{line}\n" for line in lines)
    told = {"end": end.name, "says": end.says, "recipe": end.recipe, "marked": end.marked, "at_risk": end.at_risk, "left": left}
    file = bench.directory / "logs" / RECOVERY_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n")


async def again(bench: Bench, end: MoveEndState) -> None:
    """Un-pause what the mover had paused, and run the move again."""
    if end.name != "nothing moved":
        await unpause(bench, end.origin, await inventory(bench, end.origin))
        await until_blocked_again(bench, end.origin)
    await move.step(bench, origin=end.origin, destination=end.destination)


async def onwards(bench: Bench, end: MoveEndState, before: AbstractSet[Key]) -> None:
    """Finish the move ourselves: deletions, host status, un-pausing."""
    await quieten(bench, end.origin)
    here, there = await inventories(bench, end.origin, end.destination)
    await finish_deletion(bench, end.origin, here, there, before)
    await secure_hosts(bench, end.destination, there)
    await unpause(bench, end.destination, there)
