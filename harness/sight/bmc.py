"""Watches one BMC: its readings of the server, and the requests made to it.

One poll feeds two sights: `bmc`, the readings, which show nothing of what happens between polls, and `bmc_requests`, the BMC's
own log of requests, which also covers times without polls.
"""

import asyncio
from collections.abc import Mapping
from typing import Literal

import msgspec

from bmc import witness
from bmc.errors import BmcError
from bmc.model import Reading, RequestEntry, RequestsRead
from bmc.names import PROBE_USER_AGENT, USER_AGENT
from bmc.observer import BmcObserver
from harness.journal.facts import BmcRead, BmcRequest, SightBegan, SightEnded, SightLost, SightRegained
from harness.journal.journal import FactRecorder
from harness.sight.clock_offset import ClockOffset
from harness.sight.lab_pace import LabPace
from harness.sight.turns import Turns

LAST_SHARE = 0.25
"""Of a turn: at the end all are to be looked at within seconds."""
READS = ("GET", "HEAD")
OURS = "harness"
"""The client name of requests by other parts of the harness."""


class BmcSightLimits(msgspec.Struct, frozen=True):
    """Every wait of a sight on a BMC; a clock offset that exceeds all earlier ones by more than a jump means that it was set."""

    answer_seconds: float = 0.0
    """For so long a BMC that answers nothing may just be waiting for a lab that fell behind."""
    first_look_seconds: float = 5.0
    last_look_seconds: float = 5.0
    final_seconds: float = 40.0
    """When all of that must be over: a BMC that answers each request slowly holds up the end of a run, and of all other sights."""
    nudge_seconds: float = 0.2
    clock_jump_seconds: float = 5.0


class BmcSight:
    """Watches one host's BMC from `run` to `final`.

    `clients` names those who ask, by address; `turns`: one with others that are looked at by the same harness. `pace` tells when the
    lab fell behind, or we did: neither is held against the BMC. `ready` is set after the first complete poll, or after
    `first_look_seconds` without one; the gap is then recorded.
    """

    def __init__(  # noqa: PLR0913 - by name
        self,
        host: str,
        observer: BmcObserver,
        recorder: FactRecorder,
        *,
        interval_seconds: float,
        clients: Mapping[str, str],
        limits: BmcSightLimits | None = None,
        turns: Turns | None = None,
        pace: LabPace | None = None,
    ) -> None:
        self.ready = asyncio.Event()
        self._turns = turns or Turns(1 / interval_seconds)
        self._pace = pace
        self._unanswered: float | None = None
        self._host = host
        self._observer = observer
        self._recorder = recorder
        self._interval_seconds = interval_seconds
        self._clients = clients
        self._limits = limits or BmcSightLimits()
        self._readings = _SightState("bmc", host, recorder)
        self._requests = _SightState("bmc_requests", host, recorder)
        self._offers_requests: bool | None = None
        self._last: Reading | None = None
        self._clock = ClockOffset(self._limits.clock_jump_seconds)
        self._nudged = asyncio.Event()

    async def run(self) -> None:
        """Poll every `interval_seconds` until cancelled."""
        clock = asyncio.get_running_loop().time
        patient_until = clock() + self._limits.first_look_seconds
        while True:
            await self.look()
            if self._sees_all or clock() >= patient_until:
                self.ready.set()
            await self._pause(clock() + self._interval_seconds)
            await self._turns.take()

    @property
    def _sees_all(self) -> bool:
        """Are both sights covered, and is it known whether there is a log of requests?"""
        return self._offers_requests is not None and not (self._readings.lost or self._requests.lost)

    def poll_now(self) -> None:
        """Poll once more, now, because the BMC sent an event. The event itself is not used, and no regular poll is skipped."""
        self._nudged.set()

    async def _pause(self, due: float) -> None:
        """Wait for the next regular poll; poll once more for each call of `poll_now` meanwhile."""
        clock = asyncio.get_running_loop().time
        while clock() < due:
            try:
                async with asyncio.timeout_at(due):
                    await self._nudged.wait()
            except TimeoutError:
                return
            self._nudged.clear()
            await self.look()
            await asyncio.sleep(min(self._limits.nudge_seconds, max(due - clock(), 0.0)))

    async def final(self) -> None:
        """Take the final poll after `run` has ended, and record whether coverage was complete.

        An unreachable BMC is polled again for `last_look_seconds`: its log may hold what was missed.
        """
        await self._turns.take(LAST_SHARE)
        sent = self._recorder.now()
        try:
            async with asyncio.timeout(self._limits.final_seconds):
                await self._look_for_the_last_time()
        except TimeoutError:
            says = f"the last look took longer than {self._limits.final_seconds:g} s"
            self._missed(sent, BmcError(kind="timeout", blame="bmc", says=says))
        self._readings.end()
        self._requests.end()

    async def _look_for_the_last_time(self) -> None:
        began = self._recorder.now()
        await self.look(final=True)
        while (self._readings.lost or self._requests.lost) and await self._waited(began) < self._limits.last_look_seconds:
            await asyncio.sleep(self._interval_seconds)
            await self.look(final=True)

    async def close(self) -> None:
        """Close the connection to the BMC."""
        await self._observer.close()

    async def look(self, *, final: bool = False) -> None:
        """Poll once and record what changed; a `final` poll is recorded in any case."""
        sent = self._recorder.now()
        try:
            reading = await self._read()
        except BmcError as error:
            if final or await self._counts(error, sent):
                self._missed(sent, error)
            return
        self._unanswered = None
        await self._confess()
        self._tell_reading(reading, sent, self._recorder.now(), final=final)
        await self._look_at_requests(final=final)

    async def _counts(self, error: BmcError, sent: float) -> bool:
        """Is the BMC to blame? Not for an answer that did not come while the lab fell behind, or while we stood still."""
        if error.kind != "timeout":
            return True
        self._unanswered = sent if self._unanswered is None else self._unanswered
        return await self._waited(self._unanswered) >= self._limits.answer_seconds

    async def _confess(self) -> None:
        """Tell that we looked too late, where we did: what a reading shows then may have come and gone in between."""
        since = self._readings.seen
        if self._pace and since is not None and (says := await self._pace.unseen(since, self._interval_seconds)):
            self._readings.missed(since, BmcError(kind="timeout", blame="us", says=says))

    async def _waited(self, since: float) -> float:
        return await self._pace.waited(since) if self._pace else self._recorder.now() - since

    def _missed(self, sent: float, error: BmcError) -> None:
        self._readings.missed(sent, error)
        if self._requests.began:
            self._requests.missed(sent, error)

    async def _read(self) -> Reading:
        """Read the BMC, again if its clock was just set, so that no value is from before that (the clock is read last)."""
        reading = await self._observer.read()
        if self._clock.is_put(reading.bmc_time, self._recorder.now()):
            reading = await self._observer.read()
        return reading

    def _tell_reading(self, reading: Reading, sent: float, at: float, *, final: bool) -> None:
        since = sent if self._readings.seen is None else self._readings.seen
        self._readings.saw(sent, at, complete=False)
        # Evidence is held against the BMC's clock, so a clock that is put is told at once.
        put = self._clock.puts(reading.bmc_time, at)
        if self._last is not None and not (final or put or differ(self._last, reading)):
            return
        self._last = reading
        fact = BmcRead(
            host=self._host,
            power=reading.power,
            boot=reading.boot,
            media=reading.media,
            signals=reading.signals,
            bmc_time=reading.bmc_time,
            final=final,
            unseen=reading.unseen,
        )
        self._recorder.record(fact, since=since, at=at)

    async def _look_at_requests(self, *, final: bool) -> None:
        sent = self._recorder.now()
        try:
            if self._offers_requests is None:
                self._offers_requests = await self._observer.begin_requests()
                if self._offers_requests:
                    self._requests.saw(sent, self._recorder.now(), complete=True)
            elif self._offers_requests:
                read = await self._observer.read_requests()
                self._tell_requests(read, sent, self._recorder.now())
        except BmcError as error:
            if self._requests.began and (final or await self._counts(error, sent)):
                self._requests.missed(sent, error)

    def _tell_requests(self, read: RequestsRead, sent: float, at: float) -> None:
        if not read.complete:
            self._requests.missed(sent, BmcError(kind="content", blame="bmc", says=read.says))
        for entry in read.entries:
            if not self._is_own(entry):
                self._recorder.record(self._request(entry), since=self._requests.seen, at=at)
        self._requests.saw(sent, at, complete=read.complete)

    def _is_own(self, entry: RequestEntry) -> bool:
        """Is it a look of ours? Three of four lines of a quiet watch would be our own probes."""
        if entry.method in READS and entry.user_agent == PROBE_USER_AGENT:
            return entry.address in self._clients
        return entry.user_agent == USER_AGENT and entry.address == self._observer.local_address

    def _request(self, entry: RequestEntry) -> BmcRequest:
        return BmcRequest(
            host=self._host,
            method=entry.method,
            path=entry.path,
            status=entry.status,
            address=entry.address,
            # Our probes call from the address of a side's Ironic, and must not be taken for it.
            client=OURS if entry.user_agent.startswith(USER_AGENT) else self._clients.get(entry.address, ""),
            user_agent=entry.user_agent,
            body=entry.body,
            id=entry.id,
        )


def differ(before: Reading, after: Reading) -> bool:
    """Do two readings differ? An advancing clock, growing time counters and another reason for the same gap are no difference."""
    told = (before.power, before.boot, before.media) != (after.power, after.boot, after.media)
    told = told or before.unseen.keys() != after.unseen.keys()
    return told or bool(before.bmc_time) != bool(after.bmc_time) or witness.differ(before.signals, after.signals)


class _SightState:
    """The state of one sight: began, lost, regained; each outage is recorded once."""

    def __init__(self, sight: Literal["bmc", "bmc_requests"], host: str, recorder: FactRecorder) -> None:
        self.began = False
        self.seen: float | None = None
        """Start time of the last successful poll."""
        self._sight = sight
        self._host = host
        self._recorder = recorder
        self.lost = False

    def saw(self, sent: float, at: float, *, complete: bool) -> None:
        """Record a successful poll; `complete`: it covers everything since the previous successful poll."""
        if not self.began:
            self.began = True
            self._recorder.record(SightBegan(sight=self._sight, host=self._host), since=sent, at=at)
        if self.lost:
            self.lost = False
            self._recorder.record(SightRegained(sight=self._sight, host=self._host, complete=complete), since=self.seen, at=at)
        self.seen = sent

    def missed(self, sent: float, error: BmcError) -> None:
        """Record a failed or incomplete poll."""
        if not self.lost:
            self.lost = True
            fact = SightLost(sight=self._sight, host=self._host, says=f"{error.kind}: {error.says}")
            self._recorder.record(fact, since=sent if self.seen is None else self.seen)

    def end(self) -> None:
        """Record the end of the sight; complete if the last poll succeeded."""
        if self.began or self.lost:
            self._recorder.record(SightEnded(sight=self._sight, host=self._host, complete=self.began and not self.lost))
