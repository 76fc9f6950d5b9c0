"""Finish a move whose mover was killed: tell what it left, what is to be done about it, and do it.

Before the first deletion the origin is whole: it is un-paused and moved again. From then on a second move would do harm: what is
left in the origin is deleted, owners last, and the Cluster in the destination is un-paused. Printed, and written to
logs/recovery.json.
"""

import sys

import msgspec

from harness.bench.bench import Bench
from harness.errors import UsageError
from harness.journal.facts import Side
from harness.move.broken.finish import finish_move
from harness.move.broken.known import KnownMove, known_move
from harness.move.end_state import MoveEndState, classify
from harness.move.leftovers import Leftovers, leftovers_of
from harness.move.look import RECOVERY_FILE, inventories


async def step(bench: Bench, *, origin: Side = "source", destination: Side = "target") -> None:
    """Bring the last move from `origin` to `destination` to its end; StepFailedError where it cannot be, or is not afterwards."""
    known = known_here(bench, origin, destination)
    here, there = await inventories(bench, origin, destination)
    end = classify(here, there, known.before, (origin, destination))
    report(bench, end, leftovers_of(here, there, known.before))
    await finish_move(bench, known, end)


def known_here(bench: Bench, origin: Side, destination: Side) -> KnownMove:
    """What this run knows of its last move; UsageError where no move was seen, or where one is still going on."""
    known = known_move(bench.world, origin, destination)
    if known is None:
        raise UsageError(f"no move from {origin} to {destination} was made in this run, so there is none to recover")
    if any(run.ended is None for run in bench.world.movers.values()):
        raise UsageError("a mover still runs; two would undo each other's work")
    return known


def report(bench: Bench, end: MoveEndState, left: Leftovers) -> None:
    """Print the state and the recipe, and keep both, with what was found of each object."""
    lines = [f"the move left: {end.says}", *(f"  {number}. {step}" for number, step in enumerate(end.recipe, 1))]
    sys.stdout.writelines(f"{line}\n" for line in lines)
    told = {"end": end.name, "says": end.says, "recipe": end.recipe, "marked": end.marked, "at_risk": end.at_risk, "left": left}
    file = bench.directory / "logs" / RECOVERY_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n")
