"""Wait until hosts, Machines and Clusters have stood still for a while, as somebody does who comes back later.

The time is that of real labs, divided by the lab's `speed`; 20 s is longer than a host is inspected without a change of its state. An
operator that waits for a Secret counts every 10 s that it has tried once more: the state stands still all the same.
"""

import asyncio

from harness.bench.bench import Bench
from harness.files.durations import Duration
from harness.world.reconciled.stillness import last_change


async def step(bench: Bench, *, for_: Duration = 20.0) -> None:
    """Return when the last change was seen so long ago; what never stands still meets the step's limit."""
    quiet = bench.scaled(for_)
    while (rest := last_change(bench.world) + quiet - bench.journal.now()) > 0:  # noqa: ASYNC110 - that nothing comes is no event
        await asyncio.sleep(rest)
