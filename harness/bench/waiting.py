"""Waiting in steps and faults: for facts, each wait with a limit and a description."""

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing

from harness.errors import StepFailedError
from harness.journal.journal import Journal
from harness.world.world import World

REST = 9
"""So much longer than a condition took to ask is it left alone: in a lab of one process, the servers need the time meanwhile."""


class Live:
    """The world as of now, folded from a running journal."""

    def __init__(self, journal: Journal) -> None:
        """Nothing is folded yet."""
        self._journal = journal
        self._world = World()
        self._cursor = 0

    @property
    def world(self) -> World:
        """Everything recorded so far."""
        entries = self._journal.entries
        while self._cursor < len(entries):
            self._world.add(entries[self._cursor])
            self._cursor += 1
        return self._world

    async def until(self, holds: Callable[[World], bool], seconds: float, what: str) -> None:
        """Wait until the condition holds. Raises StepFailedError, naming `what` was waited for, after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._wait(holds)
        except TimeoutError:
            raise StepFailedError(f"waited {seconds:.0f} s for {what}, in vain") from None

    async def _wait(self, holds: Callable[[World], bool]) -> None:
        while True:
            asked, began = len(self._journal.entries), time.perf_counter()
            if holds(self.world):
                return
            await asyncio.sleep((time.perf_counter() - began) * REST)
            async with aclosing(self._journal.follow(asked)) as news:
                await anext(news)
