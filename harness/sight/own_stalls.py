"""When the harness itself stood still: stopped, starved of a processor, or busy with itself.

Whoever stands still does not look, and does not know it. So a beat measures how late it comes, and what is found is journaled; a sight
that polls asks here whether it missed more than its rhythm allows, and tells the time as blindness.
"""

import asyncio
from itertools import takewhile

from harness.journal.facts import HarnessStalled
from harness.journal.journal import FactRecorder

BEAT_SECONDS = 0.1
STALL_SECONDS = 0.25
"""A shorter one is no more than a busy moment."""


class OwnStalls:
    """Watches our own loop from `run` on; `ready` at once."""

    def __init__(self, recorder: FactRecorder) -> None:
        """Nothing is known of the time before."""
        self.ready = asyncio.Event()
        self.ready.set()
        self._recorder = recorder
        self._beat = float("inf")
        self._stalls: list[tuple[float, float]] = []

    async def run(self) -> None:
        """Beat until cancelled, and journal each beat that comes late."""
        while True:
            self._beat = self._recorder.now()
            await asyncio.sleep(BEAT_SECONDS)
            if stall := self._present():
                self._stalls.append(stall)
                self._recorder.record(HarnessStalled(seconds=round(stall[1] - stall[0], 3)), since=stall[0], at=stall[1])

    async def final(self) -> None:
        """Go on while the others look for the last time."""

    def within(self, since: float, until: float) -> float:
        """How long we stood still between two times (seconds of the journal), the latest stall included though it still lasts."""
        return sum(min(end, until) - max(begin, since) for begin, end in self._touching(since) if begin < until)

    def _touching(self, since: float) -> list[tuple[float, float]]:
        present = self._present()
        known = list(takewhile(lambda stall: stall[1] > since, reversed(self._stalls)))
        return [*known, present] if present else known

    def _present(self) -> tuple[float, float] | None:
        """From when a beat is late now, to now; None while it is not."""
        due, now = self._beat + BEAT_SECONDS, self._recorder.now()
        return (due, now) if now - due >= STALL_SECONDS else None
