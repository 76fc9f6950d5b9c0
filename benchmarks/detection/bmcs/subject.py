"""What a window's BMC must be able to do and suffer, over whichever protocol; and its observer, on a clock that waits for it."""
# ruff: noqa: INP001 - part of a script

from collections.abc import Awaitable
from typing import Protocol, TypeVar

from benchmarks.detection.clock import Stage
from benchmarks.detection.story import Disturbance
from bmc.model import Reading, RequestsRead
from harness.sight.bmc import BmcObserver

T = TypeVar("T")


class Subject(Protocol):
    """The BMC of a window, over whichever protocol."""

    observer: BmcObserver

    @property
    def deaf(self) -> bool:
        """Will nobody answer?"""
        ...

    @property
    def asks_twice(self) -> bool:
        """Does the window's reset take a second request, to power on?"""
        ...

    async def boot(self) -> None:
        """The server is reset, before the window."""
        ...

    async def begin_window(self) -> None:
        """The window begins."""
        ...

    async def follow(self, now: float) -> None:
        """Time has passed."""
        ...

    async def ask(self, *, again: bool = False) -> None:
        """The reset is asked for."""
        ...

    async def happen(self, *, ends: bool = False) -> None:
        """The reset happens of itself."""
        ...

    async def adopt(self) -> None:
        """The server's new owner looks at it."""
        ...

    async def begin(self, trouble: Disturbance) -> None:
        """A trouble begins."""
        ...

    async def end(self, trouble: Disturbance) -> None:
        """A trouble ends."""
        ...

    async def tidy(self) -> list[tuple[float, str, bool]]:
        """All is over; the changes of power."""
        ...


class Patient:
    """The observer; while nobody asks it for anything its sight waits for time to pass."""

    def __init__(self, stage: Stage, observer: BmcObserver) -> None:
        self._stage = stage
        self._observer = observer

    @property
    def local_address(self) -> str:
        """Where the BMC sees us call from."""
        return self._observer.local_address

    async def read(self) -> Reading:
        """One reading."""
        return await self._asked(self._observer.read())

    async def begin_requests(self) -> bool:
        """Begin with the log of requests."""
        return await self._asked(self._observer.begin_requests())

    async def read_requests(self) -> RequestsRead:
        """Go on with the log of requests."""
        return await self._asked(self._observer.read_requests())

    async def close(self) -> None:
        """Close the connection."""
        await self._observer.close()

    async def _asked(self, question: Awaitable[T]) -> T:
        self._stage.waiting.idle(waits=False)
        try:
            return await question
        finally:
            self._stage.waiting.idle(waits=True)
