"""What faults yield, and how they wait for a phase of the mover.

A fault is `@asynccontextmanager async def fault(bench, ...)` that yields an `Effect`; leaving it heals whatever it did. A fault that was
never seen to do anything makes its scenario unknown.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Literal

from harness.bench.bench import Bench
from harness.journal.facts import MoverSaid

PHASE_WAIT_SECONDS = 1800.0
Phase = Literal["contact", "discover", "check", "pause", "wait", "create", "delete", "resume"]


class Effect:
    """Whether a fault was seen to do something, and what."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.seen = False
        self.says = "its moment never came"

    def happened(self, says: str) -> None:
        """Record that the fault had an effect."""
        self.seen, self.says = True, says


@asynccontextmanager
async def run_alongside(work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Run `work` while the block runs; it is cancelled when the block ends. Its exceptions are raised by the block."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(_done(work))
        yield
        task.cancel()


async def _done(work: Callable[[], Awaitable[None]]) -> None:
    await work()


async def wait_for_phase(bench: Bench, phase: Phase) -> None:
    """Wait until the mover begins this phase; only lines recorded from now on count."""
    first = len(bench.journal.entries)
    async with asyncio.timeout(PHASE_WAIT_SECONDS):
        async for entry in bench.journal.follow(first):
            if isinstance(entry.fact, MoverSaid) and entry.fact.phase == phase:
                return
