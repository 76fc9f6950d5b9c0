"""A window's BMC over IPMI: the emulated one, in a process of its own."""
# ruff: noqa: INP001 - part of a script

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.detection.bmcs.server import DARK
from benchmarks.detection.clock import Stage
from benchmarks.detection.story import Disturbance, Window
from bmc.address import parse_ipmi_address
from bmc.ipmi import act
from bmc.ipmi.client.connection import IpmiConnection
from bmc.ipmi.observe import IpmiObserver
from bmc.ipmi.wire import APP, STORAGE, App, Storage
from bmc.model import Credentials

LOGIN = Credentials("admin", "password")
DEADLINE_SECONDS = 10.0
ERASE = 0xAA


class BmcProcess:
    """The process, and how to talk to it."""

    def __init__(self) -> None:
        command = (sys.executable, "-m", "benchmarks.detection.bmcs.ipmi_process")
        pipe, place = subprocess.PIPE, Path(__file__).parents[3]
        self._process = subprocess.Popen(command, cwd=place, stdin=pipe, stdout=pipe, text=True)  # noqa: S603 - ourselves

    def tell(self, *order: object) -> Any:
        """Give an order; what it returned."""
        assert self._process.stdin is not None  # noqa: S101 - they are pipes
        assert self._process.stdout is not None  # noqa: S101
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def end(self) -> None:
        """End it."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process.wait()


@contextmanager
def bmc_process() -> Iterator[BmcProcess]:
    """The process while the block runs."""
    process = BmcProcess()
    try:
        yield process
    finally:
        process.end()


class IpmiSubject:
    """The observer of a BMC in the other process, and orders to it."""

    def __init__(self, process: BmcProcess, window: Window, port: int) -> None:
        self._process = process
        self._reset = window.reset
        self._address = f"ipmi://127.0.0.1:{port}"
        self._has_events = window.subject.name != "ipmi_bare"
        self._dark = 0
        self._lost_session = False
        self.observer = IpmiObserver(self._address, LOGIN, deadline_seconds=DEADLINE_SECONDS)

    @property
    def deaf(self) -> bool:
        """Will nobody ever answer? After the sessions are lost, what is asked in the old one is not answered either."""
        lost, self._lost_session = self._lost_session, False
        return lost or self._dark > 0

    async def ask(self, *, again: bool = False) -> None:
        """Somebody asks the BMC for the window's reset; `again`: to power on, where it takes a second request."""
        kind = self._reset.kind if self._reset else "forced"
        reset_type = {"graceful": "GracefulShutdown", "cycle": "PowerCycle"}.get(kind, "ForceRestart")
        with self._heard():
            await act.reset(self._address, LOGIN, "On" if again else reset_type)

    @property
    def asks_twice(self) -> bool:
        """Does this reset take two requests?"""
        return self._reset is not None and self._reset.kind == "graceful"

    async def adopt(self) -> None:
        """The server's new owner looks at it."""
        with self._heard():
            connection = IpmiConnection(parse_ipmi_address(self._address), LOGIN, deadline_seconds=DEADLINE_SECONDS)
            await connection.command(APP, App.GET_DEVICE_ID)
            await connection.close()

    async def happen(self, *, ends: bool = False) -> None:
        """The window's reset happens without a request."""
        self._process.tell("happen", ends)

    async def begin(self, trouble: Disturbance) -> None:
        """A trouble begins."""
        if trouble.kind in DARK:
            self._hear(-1)
        if trouble.kind in ("sessions lost", "503", "401", "503 in parts", "500 in parts", "slow answers", "times waver"):
            # What only HTTP has is a lost session here.
            self._forget_sessions()
        if trouble.kind == "log cleared":
            self._process.tell("clear_requests")
            if self._has_events:
                with self._heard():
                    await self._clear_events()

    async def end(self, trouble: Disturbance) -> None:
        """A trouble ends."""
        if "reboot" in trouble.kind:
            self._process.tell("restart_manager", "counters lost" in trouble.kind)
            self._forget_sessions()
        if trouble.kind in DARK:
            self._hear(1)

    async def tidy(self) -> list[tuple[float, str, bool]]:
        """The changes of power; the BMC is gone then."""
        self._process.tell("deaf", False)
        await self.observer.close()
        return [(at, power, cold) for at, power, cold in self._process.tell("stop")]

    @contextmanager
    def _heard(self) -> Iterator[None]:
        """The BMC hears: when it is deaf to us, it need not be so to others."""
        self._process.tell("deaf", False)
        yield
        self._process.tell("deaf", self._dark > 0)

    async def boot(self) -> None:
        """The server is reset, before anybody looks."""
        self._process.tell("boot")

    async def begin_window(self) -> None:
        """The window begins now."""
        self._process.tell("begin_window")

    async def follow(self, now: float) -> None:
        """The BMC's time is now."""
        self._process.tell("advance", now)

    def _hear(self, change: int) -> None:
        self._dark -= change
        self._process.tell("deaf", self._dark > 0)

    def _forget_sessions(self) -> None:
        self._lost_session = True
        self._process.tell("forget_sessions")

    async def _clear_events(self) -> None:
        connection = IpmiConnection(parse_ipmi_address(self._address), LOGIN, deadline_seconds=DEADLINE_SECONDS)
        try:
            reservation = await connection.command(STORAGE, Storage.RESERVE_SEL)
            await connection.command(STORAGE, Storage.CLEAR_SEL, reservation[:2] + b"CLR" + bytes([ERASE]))
        finally:
            await connection.close()


@asynccontextmanager
async def ipmi(stage: Stage, window: Window, process: BmcProcess) -> AsyncIterator[IpmiSubject]:
    """A BMC while the block runs."""
    process.tell("advance", stage.now())
    yield IpmiSubject(process, window, process.tell("new", msgspec.to_builtins(window)))
