"""Timed power actions: requested resets are executed one after the other, each action taking its time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from bmc.machine import Action, Machine


class PowerSequence:
    """Resets of one machine in the order they were asked for.

    `power_seconds`: how long each action takes. `off_seconds`: how long a restart shows Off; 0: never, power stays On all the while.
    What a reset type means is decided when its turn comes, so `On` asked for during a `ForceOff` powers the server on again.
    """

    def __init__(self, machine: Machine, power_seconds: float, off_seconds: float = 0.0) -> None:
        self._machine = machine
        self._power_seconds = power_seconds
        self._off_seconds = off_seconds
        self._asked: asyncio.Queue[tuple[str, Callable[[], None] | None]] = asyncio.Queue()

    def ask(self, reset_type: str, finished: Callable[[], None] | None = None) -> None:
        """Queue a reset; `finished` is called afterwards. If actions take no time, it is executed before this returns.

        ValueError for an unknown type.
        """
        self._machine.plan(reset_type)
        if self._power_seconds > 0 or self._off_seconds > 0:
            self._asked.put_nowait((reset_type, finished))
            return
        self._machine.reset(reset_type)
        if finished:
            finished()

    async def lifespan(self, _app: web.Application) -> AsyncIterator[None]:
        """Work while the application runs (an aiohttp cleanup context)."""
        async with self.working():
            yield

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Do what is asked for while the block runs."""
        worker = asyncio.create_task(self._work(), name=f"power of {self._machine.name}")
        try:
            yield
        finally:
            worker.cancel()
            await asyncio.wait([worker])
        if not worker.cancelled():
            worker.result()

    async def _work(self) -> None:
        while True:
            reset_type, finished = await self._asked.get()
            for seconds, action in self._steps(reset_type):
                await asyncio.sleep(seconds)
                self._machine.apply(action, reset_type)
            if finished:
                finished()

    def _steps(self, reset_type: str) -> list[tuple[float, Action]]:
        """What to do, and after which time each."""
        actions = self._machine.plan(reset_type)
        if Action.RESTART in actions and self._off_seconds > 0:
            return [(self._power_seconds, Action.POWER_OFF), (self._off_seconds, Action.POWER_ON)]
        return [(self._power_seconds, action) for action in actions]
