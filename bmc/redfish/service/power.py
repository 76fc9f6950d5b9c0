"""The time that power takes: resets asked for are done one after the other, each action after `power_seconds`."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from bmc.machine import Machine


class PowerSequence:
    """Resets of one machine in the order they were asked for.

    What a reset type means is decided when its turn comes, so `On` asked for during a `ForceOff` powers the server on again.
    """

    def __init__(self, machine: Machine, power_seconds: float) -> None:
        self._machine = machine
        self._power_seconds = power_seconds
        self._asked: asyncio.Queue[str] = asyncio.Queue()

    def ask(self, reset_type: str) -> None:
        """Ask for a reset. With no time to take it is done before this returns. ValueError for an unknown type."""
        self._machine.plan(reset_type)
        if self._power_seconds > 0:
            self._asked.put_nowait(reset_type)
        else:
            self._machine.reset(reset_type)

    async def lifespan(self, _app: web.Application) -> AsyncIterator[None]:
        """Work while the application runs (an aiohttp cleanup context)."""
        worker = asyncio.create_task(self._work(), name=f"power of {self._machine.name}")
        yield
        worker.cancel()
        await asyncio.wait([worker])
        if not worker.cancelled():
            worker.result()

    async def _work(self) -> None:
        while True:
            reset_type = await self._asked.get()
            for action in self._machine.plan(reset_type):
                await asyncio.sleep(self._power_seconds)
                self._machine.apply(action, reset_type)
