"""All our watches of one cluster are cut for a time, beginning with a phase of the mover; then they may resume.

The resumed watches must deliver everything missed, else every check that needs it is unknown.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness.bench.bench import Bench
from harness.files.durations import Duration
from harness.journal.facts import Side, SightLost
from harness.scenario.effect import Effect, Phase, run_alongside, wait_for_phase


@asynccontextmanager
async def fault(bench: Bench, *, cluster: Side = "target", for_: Duration = 5.0, when: Phase = "create") -> AsyncIterator[Effect]:
    """Cut our own connections, wait, and let them come back; the block does not end before that."""
    effect = Effect()
    mended = asyncio.Event()

    async def inject() -> None:
        await wait_for_phase(bench, when)
        first = len(bench.journal.entries)
        async with bench.cut_watches[cluster]():
            await asyncio.sleep(for_)
        lost = sum(isinstance(entry.fact, SightLost) for entry in bench.journal.entries[first:])
        if lost:
            effect.happened(f"{lost} watches of the {cluster} were cut for {for_:.1f} s")
        mended.set()

    async with run_alongside(inject):
        yield effect
        if any(getattr(entry.fact, "phase", "") == when for entry in bench.journal.entries):
            await mended.wait()
