"""Wait until the hosts are adopted and all is quiet, and then look on for the settling time.

Real pivots need 22 to 27 s until Machines are ready again. The time is the lab file's `settle`, from the last step of any host's adoption
on, divided by the lab's `speed`; a lab that falls behind has longer. Where hosts are not adopted in time, the step tells which and why, and
ends: that is for the checks to judge. No other step follows it then: a move back would destroy hosts that nobody adopted.
"""

import asyncio

from harness.bench.bench import Bench
from harness.checks import annotations_consumed, hosts_adopted, machines_run
from harness.errors import StepFailedError
from harness.files.durations import Duration
from harness.journal.entry import FOREVER
from harness.judgement import Judgement, unknown
from harness.metal3 import PAUSED
from harness.scenario.halt import Halt
from harness.world.adoption import parts
from harness.world.coverage import SightKey
from harness.world.hosts import Host, promised
from harness.world.ironic.presence import not_covered
from harness.world.ironic.progress import last_step
from harness.world.moves import JudgedMove, judged_moves
from harness.world.reconciled.stillness import last_change
from harness.world.world import World

SETTLE_SECONDS = 300.0
"""Of real labs: two periods of Ironic's power synchronisation, and a rollout check of Cluster API."""

QUIET_SECONDS = 10.0
ADOPTED_SECONDS_MIN = 30.0
BUSY = 2.0
"""Allowed slowdown factor on a busy machine."""
LAGS = 4.0


async def step(bench: Bench, *, for_: Duration = 0.0) -> Halt | None:
    """Wait for the end state of a good pivot, at most as long as it may take; then for quiet and for the time.

    Returns what was waited for in vain; None where all arrived.
    """
    seconds = bench.scaled(for_ or bench.lab.settle_seconds or SETTLE_SECONDS)
    awaited = await arrived(bench, patience(bench, seconds))
    if awaited:
        return Halt(awaited)  # that they were not adopted is for the checks to say
    steps = (last_step(bench.world, leg) for leg in judged_moves(bench.world))
    await pause(bench, max((at for at in steps if at < FOREVER), default=bench.journal.now()), seconds)
    return None


def patience(bench: Bench, seconds: float) -> float:
    """How long the next step of a host's adoption may take: the settling time, but not less than the checks give it."""
    return max(seconds, BUSY * bench.scaled(hosts_adopted.ADOPT_SECONDS), ADOPTED_SECONDS_MIN)


async def pause(bench: Bench, since: float, seconds: float) -> None:
    """Wait for so long from then on, and continue while objects still change, at most for twice the quiet time.

    What the lab lost meanwhile does not count, up to `LAGS` times the time: on a machine so slow no time would ever be enough.
    """
    quiet = bench.scaled(QUIET_SECONDS)
    while True:
        now = bench.journal.now()
        lost = max(0.0, now - since - bench.world.lag.kept(since, now))
        until = since + seconds + min(lost, LAGS * seconds)
        limit = until + 2 * quiet
        wake = min(limit, max(until, last_change(bench.world) + quiet))
        if now >= wake:
            return
        await asyncio.sleep(wake - now)


async def arrived(bench: Bench, seconds: float) -> str:
    """Wait until all hosts have arrived, and for so long after the last step of any of them; what was waited for in vain, or nothing."""
    arrival = Arrival()
    while True:
        began = bench.journal.now()
        try:
            await bench.until(arrival, seconds, lambda: arrival.awaited)
        except StepFailedError as error:
            if not any(last_step(bench.world, leg) > began for leg in judged_moves(bench.world)):
                return str(error)
        else:
            return ""


class Arrival:
    """Do the checks of the end state find nothing wrong any more? Asked again and again, while hosts arrive one after the other.

    A host that has arrived is not looked at again before all have: then, all are, once more.
    """

    def __init__(self) -> None:
        """Nobody has arrived yet."""
        self.awaited = "every host to be adopted"
        """What was waited for when it was asked last, for people."""
        self._arrived: set[str] = set()

    def __call__(self, world: World) -> bool:
        """Have all arrived?"""
        found = promised(world)
        late = [host for host in found if host.name not in self._arrived]
        return self._all(world, late, len(found)) and self._all(world, found, len(found))

    def _all(self, world: World, looked_at: list[Host], count: int) -> bool:
        for host in looked_at:
            if wrong := lacking(world, host):
                self._arrived.discard(host.name)
                left = count - len(self._arrived)
                self.awaited = f"{left} of {count} hosts to be adopted, the first of them: {host.name} {wrong.says}"
                return False
            self._arrived.add(host.name)
        return True


def lacking(world: World, host: Host) -> Judgement | None:
    """What a check of the end state still finds wrong with a host."""
    judged = judged_moves(world)
    said = [hosts_adopted.judge(world, host, leg) for leg in judged]
    if not judged:
        return unknown("was not moved by anybody", host.name)
    if all(judgement.verdict == "pass" for judgement in said):
        said.append(annotations_consumed.judge(world, host))
    if host.claimed and all(judgement.verdict == "pass" for judgement in said):
        said.append(machines_run.judge(world, host))
    wrong = next((judgement for judgement in said if judgement.verdict != "pass"), None)
    return to_be_seen(world, host, judged[-1]) if wrong and is_blind(world, host, judged[-1]) else wrong


def to_be_seen(world: World, host: Host, leg: JudgedMove) -> Judgement | None:
    """What the last look at a host still lacks of an adoption: all that can be waited for where something was missed for good."""
    living = [version for version in host.versions(world, leg.move.destination) if version.alive]
    if not living or PAUSED in living[-1].annotations:
        return unknown("has not arrived" if not living else "is still paused", host.name)
    absent = [part.says for part in parts(world, host, leg, living[-1]) if not part.holds]
    return unknown("; ".join(absent), host.name) if absent else None


def is_blind(world: World, host: Host, leg: JudgedMove) -> bool:
    """Was something missed for good of what shows the arrival? Then no check can be content with it any more."""
    side = leg.move.destination
    kinds = ("BareMetalHost", "Secret", *machines_run.KINDS)
    if any(was_missed(world, SightKey("kube", side, kind)) for kind in kinds):
        return True
    return was_missed(world, SightKey("ironic", side)) and not_covered(world, side, needed_from=host.since) is not None


def was_missed(world: World, key: SightKey) -> bool:
    """Is there a gap that is over, and of which nobody told afterwards what happened in it?"""
    return any(gap.until != FOREVER for gap in world.coverage.gaps(key))
