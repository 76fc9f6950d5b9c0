"""The server of a window and its BMC's troubles, whichever protocol it speaks."""
# ruff: noqa: INP001 - part of a script

import math
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

from aiohttp import web

from benchmarks.detection.clock import Stage
from benchmarks.detection.story import BOOTS_SECONDS, DRIFT, UNSET_SECONDS, Disturbance, Reset
from bmc.machine import Action, Machine, PowerChange
from bmc.redfish.history import FOUND_BOOTS
from bmc.redfish.service.system.power import PowerSequence

UUID = "babe0000-0000-0000-0000-000000000001"
DARK = frozenset({"BMC reboot", "BMC reboot, counters lost", "BMC reboot, clock unset", "silence"})
UNSET = datetime(1970, 1, 1, tzinfo=UTC)


class SimulatedServer:
    """A machine on the stage's clock, and what its BMC goes through."""

    def __init__(self, stage: Stage, troubles: Iterable[Disturbance]) -> None:
        self.stage = stage
        self.troubles = tuple(troubles)
        self.began_at = 0.0
        self.machine = Machine(name="node-1", uuid=UUID, clock=self.clock, mac_addresses=("52:54:00:00:00:01",))
        self.machine.on_power.append(self._noted)
        self.boots = FOUND_BOOTS
        self.changes: list[tuple[float, str, bool]] = []
        """When power changed, to what, and whether the chassis' power did."""

    def clock(self) -> datetime:
        """The BMC's clock, with all that happened to it."""
        elapsed, happened = self.elapsed(), self.happened()
        for each in happened:
            since_boot = elapsed - each.at - each.seconds
            if "unset" in each.kind and 0.0 <= since_boot < UNSET_SECONDS:
                return UNSET + timedelta(seconds=since_boot)
        off = sum(each.jump_seconds for each in happened if "jump" in each.kind)
        off += sum(math.copysign(DRIFT, each.jump_seconds) * (elapsed - each.at) for each in happened if "drifts" in each.kind)
        return self.stage.date() + timedelta(seconds=off)

    def elapsed(self) -> float:
        """Seconds since the window began."""
        return self.stage.now() - self.began_at

    def happened(self) -> list[Disturbance]:
        """The troubles that have begun."""
        return [each for each in self.troubles if self.began_at and each.at <= self.elapsed()]

    def suffers(self) -> set[str]:
        """The kinds of trouble that it has now."""
        return {each.kind for each in self.happened() if self.elapsed() < each.at + each.seconds}

    def dark_seconds(self) -> float:
        """For how long it will not answer."""
        return max((each.at + each.seconds - self.elapsed() for each in self.happened() if each.kind in DARK), default=0.0)

    def wakes(self) -> bool:
        """Has the BMC been restarted just now?"""
        return any(self.elapsed() < end + BOOTS_SECONDS for end in self.restarts())

    def restarts(self) -> list[float]:
        """When the BMC came back from each of its restarts so far, in seconds of the window."""
        ends = [each.at + each.seconds for each in self.happened() if "reboot" in each.kind]
        return [end for end in ends if end <= self.elapsed()]

    def lose_counters(self) -> None:
        """The BMC counts resets from 0 again."""
        self.boots = self.machine.reset_count = 0

    def _noted(self, _machine: Machine, change: PowerChange) -> None:
        self.changes.append((self.stage.now(), change.after, change.before != change.after))
        self.boots += change.after == "On"

    def changed_at(self, *, cold: bool) -> float:
        """When the server last began to boot; `cold`: when its power last changed."""
        return max((at for at, _, is_cold in self.changes if is_cold or not cold), default=0.0)


def shows_off(changes: list[tuple[float, str, bool]], at: float) -> bool:
    """Would a poller have seen the power off then?"""
    place = bisect_right(changes, at, key=lambda change: change[0])
    return place > 0 and changes[place - 1][1] == "Off"


def by_itself(machine: Machine, reset: Reset, *, ends: bool) -> None:
    """What a server does that nobody asked its BMC for: reboot, or lose its power, and get it back in the end."""
    if not reset.off_seconds:
        machine.restart()
    elif ends:
        machine.apply(Action.POWER_ON, "PowerRestored")
    else:
        machine.lose_power()


def timing(reset: Reset | None) -> tuple[float, float]:
    """How long each action takes, and how long a restart shows Off: see PowerSequence."""
    if reset is None:
        return 0.0, 0.0
    return (reset.off_seconds, 0.0) if reset.kind == "cycle" else (reset.delay_seconds, reset.off_seconds)


@asynccontextmanager
async def sequenced(machine: Machine, reset: Reset | None) -> AsyncIterator[PowerSequence]:
    """A power sequence at work, for a BMC that has none of its own."""
    sequence = PowerSequence(machine, *timing(reset))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(asynccontextmanager(sequence.lifespan)(web.Application()))
        yield sequence
