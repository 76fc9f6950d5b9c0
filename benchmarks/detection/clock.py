"""An event loop whose timers go by a clock that only moves when it is told to; sockets are real.

So the real code of BMCs and of their observers, with its deadlines and its power sequences, plays minutes in milliseconds, and the same
way each time.
"""
# ruff: noqa: INP001 - part of a script

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

RESOLUTION_SECONDS = 1e-6
"""Years of windows are played on one clock: what a float can tell apart after them."""
BEGINNING = datetime(2026, 11, 22, 12, tzinfo=UTC)


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop of which `time()` is virtual. `advance` moves it, and lets each timer that falls due have its effect in order."""

    def __init__(self) -> None:
        super().__init__()
        self._virtual = 0.0
        self._clock_resolution = RESOLUTION_SECONDS

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._virtual

    def next_due(self) -> float:
        """When the next timer falls due; now, where there is none."""
        due = [timer.when() for timer in self._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
        return max(min(due, default=self._virtual), self._virtual)

    async def advance(self, until: float) -> None:
        """Let time pass, up to `until`."""
        while self._timer_by(until):
            self._virtual = self.next_due()
            await self._settle()
        self._virtual = max(self._virtual, until)

    def _timer_by(self, until: float) -> bool:
        return any(not timer.cancelled() and timer.when() <= until for timer in self._scheduled)  # type: ignore[attr-defined]

    async def _settle(self) -> None:
        """Let everything run that can run without time going on."""
        await asyncio.sleep(0)
        while self._ready or self._timer_by(self._virtual):  # type: ignore[attr-defined]  # noqa: ASYNC110
            await asyncio.sleep(0)


class _Waiting:
    """Who waits for time to pass: BMCs before they answer, the sight between its questions; `deaf`: everybody, for nobody answers."""

    def __init__(self, *, deaf: bool = False) -> None:
        self.somebody = asyncio.Event()
        self._deaf = deaf
        self._bmcs = 0
        self._idle = False
        self._set()

    def bmcs(self, more: int) -> None:
        """So many more BMCs wait."""
        self._bmcs += more
        self._set()

    def idle(self, *, waits: bool) -> None:
        """The sight asks nothing just now, or something."""
        self._idle = waits
        self._set()

    def _set(self) -> None:
        if self._deaf or self._bmcs or self._idle:
            self.somebody.set()
        else:
            self.somebody.clear()


class Stage:
    """Where a window is played: the loop's clock, the wall clocks made of it, and whoever is known to wait for time to pass."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.loop = loop
        self.waiting = _Waiting()

    def now(self) -> float:
        """Virtual seconds."""
        return self.loop.time()

    def date(self) -> datetime:
        """The true date."""
        return BEGINNING + timedelta(seconds=self.now())

    async def wait(self, seconds: float) -> None:
        """For a BMC: take this long to answer."""
        waiting = self.waiting
        waiting.bmcs(1)
        try:
            await asyncio.sleep(seconds)
        finally:
            waiting.bmcs(-1)

    async def play(self, doing: Coroutine[Any, Any, T], *, deaf: bool = False) -> T:
        """Do this over real sockets; time passes only while a BMC waits, or `deaf`: while nobody will ever answer."""
        self.waiting = _Waiting(deaf=deaf)
        task = asyncio.ensure_future(doing)
        while not task.done():
            waiting = asyncio.ensure_future(self.waiting.somebody.wait())
            await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if not task.done() and self.waiting.somebody.is_set():
                await self.loop.advance(self.loop.next_due())
        return task.result()
