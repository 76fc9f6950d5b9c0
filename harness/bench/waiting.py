"""Waiting in steps and faults: for facts, each wait with a limit and a description."""

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing, suppress

from harness.errors import StepFailedError
from harness.journal.journal import Journal
from harness.world.world import World

REST = 9
"""So much longer than a condition took to ask is it left alone: in a lab of one process, the servers need the time meanwhile."""
REST_SECONDS = 0.05
"""So long at least: what happens meanwhile is asked about together."""


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

    async def until(self, holds: Callable[[World], bool], seconds: float, what: str | Callable[[], str]) -> None:
        """Wait until the condition holds. Raises StepFailedError, naming `what` was waited for, after `seconds`.

        What an embedded lab lost of the time because it could not follow does not count.
        """
        since = self._journal.now()
        while True:
            asked, began = len(self._journal.entries), time.perf_counter()
            if holds(self.world):
                return
            rest = max((time.perf_counter() - began) * REST, REST_SECONDS)
            left = seconds - self._world.lag.kept(since, self._journal.now())
            if left <= 0:
                waited = self._journal.now() - since
                raise StepFailedError(f"waited {waited:.0f} s for {what if isinstance(what, str) else what()}, in vain")
            await asyncio.sleep(min(rest, left))
            await self._news(asked, left)

    async def _news(self, cursor: int, seconds: float) -> None:
        """Wait for an entry, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), aclosing(self._journal.follow(cursor)) as news:
                await anext(news)
