"""Playing one window: the real sight on the real emulated BMC, and the real judge over what it wrote; pollers beside it."""
# ruff: noqa: INP001 - part of a script

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, NamedTuple

from benchmarks.detection.bmcs.ipmi import BmcProcess, ipmi
from benchmarks.detection.bmcs.redfish import redfish
from benchmarks.detection.bmcs.server import shows_off
from benchmarks.detection.bmcs.subject import Patient, Subject
from benchmarks.detection.clock import Stage
from benchmarks.detection.story import BOOTS_SECONDS, MOVE_BEGINS_SECONDS, POLLERS_SECONDS, UNSET_SECONDS, Disturbance, Window
from benchmarks.detection.truth import REST_SECONDS
from harness.journal import facts
from harness.journal.entry import Entry
from harness.journal.journal import DIGITS, decode, encode
from harness.sight.bmc import BmcSight, BmcSightLimits
from harness.verdict.judge import judge_entries

HOST = "node-1"
LOOK_SECONDS = 1.0
"""How often the sight looks; looks between which nothing can have changed are not played."""
ROUNDING_SECONDS = 0.01
ADOPTED_SECONDS = 0.5
"""So soon after the move began its new owner asks for the server: whoever was silent for long has lost its session by then."""
LAST_LOOK_SECONDS = BmcSightLimits().final_seconds
CHECK = "bmc_untouched"

TimedAct = Callable[[], Awaitable[None]]


class Tape:
    """A journal on the virtual clock, in memory; each line is written and read as in a file."""

    def __init__(self, stage: Stage) -> None:
        self.lines: list[bytes] = []
        self._stage = stage
        self._began = stage.now()

    def now(self) -> float:
        """Seconds since the window began."""
        return self._stage.now() - self._began

    def record(self, fact: facts.AnyFact, *, since: float | None = None, at: float | None = None) -> Entry:
        """Append one fact."""
        at = round(self.now() if at is None else at, DIGITS)
        entry = Entry(len(self.lines), at if since is None else min(round(since, DIGITS), at), at, fact)
        self.lines.append(encode(entry))
        return entry

    def entries(self) -> list[Entry]:
        """What can be read back."""
        return [decode(line[:-1]) for line in self.lines]


class WindowResult(NamedTuple):
    """How a window ended: what we said and why, and which pollers saw power Off.

    `timely`: the evidence is of the time when the server was reset; `reading`: how many readings were recorded.
    """

    window: Window
    verdict: str
    says: str
    timely: bool
    readings: int
    polled: tuple[bool, ...]


class Play:
    """One window on the stage."""

    def __init__(self, stage: Stage, window: Window, subject: Subject) -> None:
        self._stage = stage
        self._window = window
        self._subject = subject
        self._tape = Tape(stage)
        self._began = stage.now()
        self._something_done = True
        self._happening: list[asyncio.Future[None]] = []
        self.reset_at = 0.0
        """When the reset was begun, which is late where a look is waited for."""
        self._sight = BmcSight(HOST, Patient(stage, subject.observer), self._tape, interval_seconds=LOOK_SECONDS, clients={})

    async def whole(self) -> list[Entry]:
        """From the first look to the last; the journal."""
        self._tape.record(began())
        self._tape.record(facts.SightBegan(sight="kube"))
        self._tape.record(host_seen())
        steps = self._steps()
        if self._window.subject.protocol == "redfish":
            # The last look waits for a BMC that comes back after the window.
            self._arrange(self._trouble_steps(after_seconds=LAST_LOOK_SECONDS))
        else:
            steps += self._trouble_steps()
        for at, step in sorted(steps, key=lambda each: each[0]):
            await self._reach(at)
            late = self._tape.now() - at > LOOK_SECONDS
            # Looks do not queue up behind one that waited: only the first after something was done is taken late.
            if step == self._look and late and not self._something_done:
                continue
            self._something_done = step != self._look
            await step()
        await self._reach(self._window.seconds)
        await self._stage.play(self._sight.final(), deaf=self._subject.deaf)
        self._tape.record(facts.SightEnded(sight="kube", complete=True))
        self._tape.record(facts.RunEnded(how="done"))
        return self._tape.entries()

    def _arrange(self, steps: list[tuple[float, TimedAct]]) -> None:
        """Let these happen in time, also while a look is waited for."""
        for at, step in steps:
            self._stage.loop.call_at(self._began + at, self._begin, step)

    def _begin(self, step: TimedAct) -> None:
        self._something_done = True
        self._happening.append(asyncio.ensure_future(step()))

    async def _reach(self, at: float) -> None:
        await self._stage.loop.advance(self._began + at)
        await self._subject.follow(self._stage.now())

    def _steps(self) -> list[tuple[float, TimedAct]]:
        """What is done one after the other, and when: looks, the reset, the move. What is late is done late."""
        doings = self._reset_steps()
        moments = [at for at, _ in [*doings, *self._trouble_steps()]] + self._own_changes()
        looks = [(at, self._look) for at in self._look_times(moments)]
        moved = [
            (MOVE_BEGINS_SECONDS, self._told(facts.MoverStarted(mover=1, origin="source", destination="target"))),
            (self._window.seconds - MOVE_BEGINS_SECONDS, self._told(facts.MoverEnded(mover=1, code=0))),
        ]
        # A record that does not show how the server was adopted proves nothing of it.
        adopted = [(MOVE_BEGINS_SECONDS + ADOPTED_SECONDS, self._adopt)] if self._window.subject.record else []
        return [*doings, *looks, *moved, *adopted]

    def _reset_steps(self) -> list[tuple[float, TimedAct]]:
        reset, subject = self._window.reset, self._subject
        if reset is None:
            return []
        steps: list[tuple[float, TimedAct]] = [(reset.at, self._begin_reset)]
        if reset.asked and subject.asks_twice:
            steps.append((reset.at + max(reset.off_seconds, 0.05), lambda: self._stage.play(subject.ask(again=True))))  # type: ignore[arg-type]
        if not reset.asked and reset.off_seconds:
            steps.append((reset.at + reset.off_seconds, lambda: subject.happen(ends=True)))
        return steps

    async def _adopt(self) -> None:
        await self._stage.play(self._subject.adopt())  # type: ignore[arg-type]

    async def _begin_reset(self) -> None:
        self.reset_at = self._tape.now()
        if self._window.reset and self._window.reset.asked:
            await self._stage.play(self._subject.ask())  # type: ignore[arg-type]
        else:
            await self._subject.happen()

    def _own_changes(self) -> list[float]:
        """When power may change without anything being done at that moment."""
        reset = self._window.reset
        if reset is None:
            return []
        return [reset.at + reset.delay_seconds, reset.at + reset.delay_seconds + reset.off_seconds]

    def _trouble_steps(self, after_seconds: float = 0.0) -> list[tuple[float, TimedAct]]:
        steps: list[tuple[float, TimedAct]] = []
        for trouble in self._window.disturbances:
            ends = trouble.at + trouble.seconds
            steps.append((trouble.at, _bound(self._subject.begin, trouble)))
            steps.append((ends, _bound(self._subject.end, trouble)))
            steps += [(ends + after, _nothing) for after in (BOOTS_SECONDS, UNSET_SECONDS) if "reboot" in trouble.kind]
            steps += [(ends + REST_SECONDS, _nothing)] if trouble.kind == "401" else []
        return [(at, step) for at, step in steps if at < self._window.seconds + after_seconds]

    def _look_times(self, moments: list[float]) -> list[float]:
        """The looks of the pace that may see something: the last before each moment, and two after it."""
        phase = (self._window.seed % 997) / 997 * LOOK_SECONDS
        times = {0.0}
        for moment in moments:
            before = phase + (moment - phase) // LOOK_SECONDS * LOOK_SECONDS
            times |= {before, before + LOOK_SECONDS, before + 2 * LOOK_SECONDS}
        return sorted(time for time in times if 0.0 <= time < self._window.seconds)

    async def _look(self) -> None:
        await self._stage.play(self._sight.look(), deaf=self._subject.deaf)

    def _told(self, fact: facts.AnyFact) -> TimedAct:
        async def tell() -> None:
            self._tape.record(fact)

        return tell


def _bound(doing: Callable[[Disturbance], Awaitable[None]], trouble: Disturbance) -> TimedAct:
    return lambda: doing(trouble)


async def _nothing() -> None:
    """A moment at which something changes by itself."""


def began() -> facts.RunBegan:
    """The first entry."""
    expectations = [facts.Expectation(check=CHECK)]
    return facts.RunBegan(
        scenario="detection", lab="detection", started="", mode="run", expectations=expectations, namespace="metal3"
    )


def host_seen() -> facts.ObjectSeen:
    """The claimed host in the source."""
    body: dict[str, Any] = {
        "metadata": {"name": HOST, "namespace": "metal3", "uid": "1"},
        "spec": {"online": True, "consumerRef": {"kind": "Metal3Machine", "name": "m"}},
        "status": {"poweredOn": True, "provisioning": {"state": "provisioned", "ID": "1"}},
    }
    names = {"kind": "BareMetalHost", "name": HOST, "namespace": "metal3", "uid": "1", "resource_version": "1"}
    return facts.ObjectSeen(cluster="source", change="listed", object=body, **names)


async def play(stage: Stage, window: Window, process: BmcProcess | None) -> WindowResult:
    """Play one window and judge it."""
    async with opened(stage, window, process) as subject:
        await stage.play(subject.boot())
        await stage.loop.advance(stage.now() + window.uptime_seconds)
        await subject.follow(stage.now())
        await subject.begin_window()
        began_at = stage.now()
        playing = Play(stage, window, subject)
        entries = await playing.whole()
        changes = await stage.play(subject.tidy(), deaf=subject.deaf)
    verdict = judge_entries(entries)
    polled = tuple(
        any(shows_off(changes, began_at + at) for at in looks(phase, interval, window.seconds))
        for interval, phase in zip(POLLERS_SECONDS, window.phases, strict=True)
    )
    (check,) = (one for one in verdict["checks"] if one["check"] == CHECK)
    return WindowResult(
        window=window,
        verdict=verdict["hosts"][HOST]["verdict"],
        says=check["says"],
        timely=of_the_reset(
            [entries[seq] for seq in check["evidence"]], playing.reset_at, [at - began_at for at, _, _ in changes]
        ),
        readings=sum(isinstance(entry.fact, facts.BmcRead) for entry in entries),
        polled=polled,
    )


def of_the_reset(evidence: list[Entry], asked_at: float, changes: Iterable[float]) -> bool:
    """Can what these entries tell of have happened when the server was reset?"""
    earliest = min((entry.since for entry in evidence), default=math.inf)
    latest = max((entry.at for entry in evidence), default=0.0)
    return earliest <= max([asked_at, *changes]) + LOOK_SECONDS and latest >= asked_at - ROUNDING_SECONDS


def looks(phase: float, interval: float, seconds: float) -> list[float]:
    """When a poller looks."""
    return [phase + number * interval for number in range(int(max(seconds - phase, 0.0) // interval) + 1) if phase < seconds]


@asynccontextmanager
async def opened(stage: Stage, window: Window, process: BmcProcess | None) -> AsyncIterator[Subject]:
    """The window's BMC. IPMI needs the process of those BMCs."""
    if window.subject.protocol == "redfish":
        place: AbstractAsyncContextManager[Any] = redfish(stage, window)
    else:
        assert process is not None  # noqa: S101 - whoever plays it over IPMI has one
        place = ipmi(stage, window, process)
    async with place as subject:
        yield subject
