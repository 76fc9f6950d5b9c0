"""The process of the detection table's BMCs over IPMI, as pyghmi's client and server cannot share one.

Each line of its input is `[order, arguments...]` in JSON, answered with what the order returns; its time passes when it is told to.
"""
# ruff: noqa: INP001 - part of a script

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from typing import Any

import msgspec

from benchmarks.detection.bmcs.server import SimulatedServer, by_itself, sequenced
from benchmarks.detection.clock import Stage, VirtualLoop
from benchmarks.detection.story import Window
from bmc.ipmi.emulator import IpmiBmc
from bmc.ipmi.wire import CHASSIS, STORAGE, Chassis, Storage

_OPTIONAL = (
    (CHASSIS, Chassis.GET_RESTART_CAUSE),
    (CHASSIS, Chassis.GET_POWER_ON_HOURS),
    (STORAGE, Storage.GET_SEL_INFO),
    (STORAGE, Storage.GET_SEL_ENTRY),
    (STORAGE, Storage.GET_SEL_TIME),
)


class BmcStage:
    """One BMC after the other, and what may be done to it besides speaking IPMI."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._stage = Stage(loop)
        self._stack = AsyncExitStack()
        self._window: Window
        self._server: SimulatedServer
        self._bmc: IpmiBmc
        self._deaf = False

    async def new(self, told: dict[str, Any]) -> int:
        """A BMC for this window; its port."""
        self._window = msgspec.convert(told, Window)
        self._deaf = False
        self._server = SimulatedServer(self._stage, self._window.disturbances)
        sequence = await self._stack.enter_async_context(sequenced(self._server.machine, self._window.reset))
        self._bmc = IpmiBmc(
            self._server.machine,
            credentials={"admin": "password"},
            reset=sequence.ask,
            reachable=lambda _address: not self._deaf,
            oem=self._window.subject.record == "own",
        )
        port = await self._bmc.start("127.0.0.1")
        if self._window.subject.name == "ipmi_bare":
            for command in _OPTIONAL:
                self._bmc._handlers.pop(command)  # noqa: SLF001 - a BMC need not have them
        return port

    async def stop(self) -> list[tuple[float, str, bool]]:
        """The BMC is gone; the changes of power."""
        await self._bmc.stop()
        await self._stack.aclose()
        return self._server.changes

    async def advance(self, until: float) -> None:
        """Let time pass."""
        await self._stage.loop.advance(until)

    async def boot(self) -> None:
        """The server is reset, before anybody looks."""
        self._server.machine.reset("ForceRestart" if self._window.number % 2 else "PowerCycle")

    async def begin_window(self) -> None:
        """The window begins now."""
        self._server.began_at = self._stage.now()

    async def deaf(self, deaf: bool) -> None:
        """The BMC does not hear, or hears again."""
        self._deaf = deaf

    async def forget_sessions(self) -> None:
        """The BMC knows nobody."""
        for session in list(self._bmc._sessions.values()):  # noqa: SLF001 - a BMC does this of its own accord
            self._bmc.forget(session)

    async def restart_manager(self, loses_counters: bool) -> None:
        """The BMC has restarted."""
        self._server.machine.restart_manager()
        if loses_counters:
            self._server.lose_counters()

    async def clear_requests(self) -> None:
        """The log of requests is gone."""
        self._server.machine.requests.clear()

    async def happen(self, ends: bool) -> None:
        """The window's reset happens without a request."""
        if self._window.reset:
            by_itself(self._server.machine, self._window.reset, ends=ends)


async def main(loop: VirtualLoop) -> None:
    """Obey until the input closes."""
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    orders = BmcStage(loop)
    async for line in lines:
        name, *arguments = json.loads(line)
        sys.stdout.write(json.dumps(await getattr(orders, name)(*arguments)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    own = VirtualLoop()
    with asyncio.Runner(loop_factory=lambda: own) as runner:
        runner.run(main(own))
