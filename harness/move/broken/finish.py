"""Brings a move that broke off to its end, by what it left: moved again, or finished by ourselves.

Before the first deletion the origin is whole: it is un-paused and moved again. From then on a second move would do harm: what is
left in the origin is deleted, owners last, and the Cluster in the destination is un-paused.
"""

from harness.bench.bench import Bench
from harness.errors import StepFailedError
from harness.move.broken.known import KnownMove
from harness.move.broken.repair import finish_deletion, quieten, secure_hosts, unpause, until_blocked_again
from harness.move.carry import carry
from harness.move.end_state import EndState, MoveEndState, classify
from harness.move.look import inventories, inventory

AGAIN: tuple[EndState, ...] = ("nothing moved", "source paused", "both sides")


async def finish_move(bench: Bench, known: KnownMove, end: MoveEndState) -> None:
    """Do what this end asks for; StepFailedError where the move is not complete afterwards."""
    if end.name in AGAIN:
        await move_again(bench, known, end)
    elif end.name != "complete":
        await move_onwards(bench, known)
    after = await end_of(bench, known)
    if after.name != "complete":
        raise StepFailedError(f"after its recovery the move is still not complete: {after.says}")


async def end_of(bench: Bench, known: KnownMove) -> MoveEndState:
    """Where the move stands now; StepFailedError where a cluster does not tell."""
    here, there = await inventories(bench, known.origin, known.destination)
    return classify(here, there, known.before, (known.origin, known.destination))


async def move_again(bench: Bench, known: KnownMove, end: MoveEndState) -> None:
    """Un-pause what the mover had paused, and run the move again."""
    if end.name != "nothing moved":
        await unpause(bench, known.origin, await inventory(bench, known.origin))
        await until_blocked_again(bench, known.origin, known.hosts)
    await carry(bench, origin=known.origin, destination=known.destination)


async def move_onwards(bench: Bench, known: KnownMove) -> None:
    """Finish the move ourselves: deletions, host status, un-pausing."""
    await quieten(bench, known.origin)
    here, there = await inventories(bench, known.origin, known.destination)
    await finish_deletion(bench, known.origin, here, there, known.before)
    await secure_hosts(bench, known.destination, there, known.hosts)
    await unpause(bench, known.destination, there)
