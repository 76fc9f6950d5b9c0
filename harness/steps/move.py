"""Move the Cluster and its hosts from one cluster to the other, by `clusterctl move` or our own mover.

Which: the lab file's `mover.clusterctl`, else the clusterctl on PATH, else (embedded labs only) our own. `code` is the exit code that
the story wants, as 1 of a move that must be refused. `backup` is a directory in which what is moved
is kept before, as by the step `backup`.
"""

from pathlib import Path

from harness.bench.bench import Bench
from harness.journal.facts import Side
from harness.move.carry import carry, keep


async def step(bench: Bench, *, origin: Side = "source", destination: Side = "target", code: int = 0, backup: str = "") -> None:
    """Run the mover to its end; any other exit code is a failure of the step, unless a fault had ended it at a request."""
    if backup:
        await keep(bench, origin, Path(backup))
    await carry(bench, origin=origin, destination=destination, code=code)
