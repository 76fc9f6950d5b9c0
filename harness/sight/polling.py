"""What the sights share that poll one thing again and again: their rhythm, and what they record of their own coverage."""

import asyncio
from abc import ABC, abstractmethod

from harness.journal.facts import Side, SightBegan, SightEnded, SightLost, SightName, SightRegained
from harness.journal.journal import FactRecorder
from harness.sight.lab_pace import LabPace


class PollingSight(ABC):
    """Polls from `run` to `final`, never twice at a time. `ready` is set after the first poll, whatever it met.

    Polling cannot prove what happened between two polls: a sight that was lost is regained incomplete. It was lost, too, while the
    harness itself stood still for longer than the rhythm allows, as `pace` tells.
    """

    def __init__(
        self, sight: SightName, side: Side, recorder: FactRecorder, interval_seconds: float, pace: LabPace | None = None
    ) -> None:
        self.ready = asyncio.Event()
        self._sight: SightName = sight
        self._side: Side = side
        self._recorder = recorder
        self._interval_seconds = interval_seconds
        self._pace = pace
        self._polling = asyncio.Lock()
        self._seen: float | None = None
        self._began = False
        self._blind = False
        self._ended = False

    async def run(self) -> None:
        """Poll every `interval_seconds` until cancelled."""
        while not self._ended:
            await self._look()
            self.ready.set()
            await asyncio.sleep(self._interval_seconds)

    async def final(self) -> None:
        """Take the final poll, and record whether it succeeded."""
        await self._look(final=True)

    async def _look(self, *, final: bool = False) -> None:
        async with self._polling:
            if self._ended:
                return
            self._ended = final
            await self._poll(final=final)
            if final and self._began:
                self._recorder.record(SightEnded(sight=self._sight, cluster=self._side, complete=not self._blind))

    @abstractmethod
    async def _poll(self, *, final: bool) -> None:
        """Look once, and call `_missed` or `_met`; in the `final` poll everything that is met is recorded."""

    def _missed(self, sent: float, says: str) -> None:
        """A poll that was sent then could not tell anything: record that sight is lost, where it was not before."""
        if not self._blind:
            self._blind = True
            since = sent if self._seen is None else self._seen
            self._recorder.record(SightLost(sight=self._sight, cluster=self._side, says=says), since=since)

    async def _met(self, sent: float) -> tuple[float, float]:
        """A poll that was sent then told what there is; answers when what it shows happened: after the last one that did, until now."""
        at = self._recorder.now()
        since = sent if self._seen is None else self._seen
        if self._began and self._pace and (says := await self._pace.unseen(since, self._interval_seconds)):
            self._missed(since, says)
        self._seen = sent
        if self._blind:
            self._blind = False
            self._recorder.record(SightRegained(sight=self._sight, cluster=self._side, complete=False), since=since, at=at)
        if not self._began:
            self._began = True
            self._recorder.record(SightBegan(sight=self._sight, cluster=self._side), since=sent, at=at)
        return since, at
