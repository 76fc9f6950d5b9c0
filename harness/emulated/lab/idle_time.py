"""How far the lab falls behind: the time in which its loop was not idle.

Everything in the lab waits for times of life divided by its speed, and then needs a processor. While the loop has nothing to wait for
but time, the lab keeps pace; while it works, or is not given a processor, whatever was due meanwhile comes later.
"""

import asyncio
import selectors
import time
from collections.abc import Callable
from selectors import SelectorKey


class IdleSelector(selectors.DefaultSelector):
    """Waits as the usual one does, and counts how long. What it waits longer than it was asked to is no idleness: nobody ran us."""

    def __init__(self) -> None:
        """The count begins now."""
        super().__init__()
        self._began = time.monotonic()
        self._idle_seconds = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        """Wait for a line to be ready, or for the time."""
        began = time.monotonic()
        ready = super().select(timeout)
        waited = time.monotonic() - began
        self._idle_seconds += waited if timeout is None else min(waited, max(timeout, 0.0))
        return ready

    @property
    def lost_seconds(self) -> float:
        """The time since the beginning in which the loop was not idle."""
        return time.monotonic() - self._began - self._idle_seconds


def measured_loop() -> tuple[asyncio.AbstractEventLoop, Callable[[], float]]:
    """An event loop, and how many seconds it was not idle so far."""
    selector = IdleSelector()
    return asyncio.SelectorEventLoop(selector), lambda: selector.lost_seconds
