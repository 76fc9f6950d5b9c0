"""Wait until the hosts are adopted and all is quiet, and then look on for the settling time.

Real pivots need 22 to 27 s until Machines are ready again. The time is the lab file's `settle`, from the end of the move on, divided by
the lab's `speed`.
"""

import asyncio

from harness.bench.bench import Bench
from harness.checks import annotations_consumed, hosts_adopted, machines_run
from harness.errors import StepFailedError
from harness.files.durations import Duration
from harness.journal.facts import ObjectSeen
from harness.world.moves import moves
from harness.world.world import World

SETTLE_SECONDS = 300.0
"""Of real labs: two periods of Ironic's power synchronisation, and a rollout check of Cluster API."""

QUIET_SECONDS = 10.0
ADOPTED_SECONDS_MIN = 30.0
BUSY = 2.0
"""Allowed slowdown factor on a busy machine."""
QUIET_KINDS = ("BareMetalHost", "Metal3Machine", "Machine", "Metal3Data", "Cluster")


async def step(bench: Bench, *, for_: Duration = 0.0) -> None:
    """Wait for the end state of a good pivot, at most as long as it may take; then for quiet and for the time."""
    seconds = bench.scaled(for_ or bench.lab.settle_seconds or SETTLE_SECONDS)
    judged = bench.scaled(hosts_adopted.ADOPT_SECONDS)
    try:
        await bench.until(arrived, max(seconds, BUSY * judged, ADOPTED_SECONDS_MIN), "every host to be adopted")
    except StepFailedError:
        return  # that they were not adopted is for the checks to say
    moved = max((move.until for move in moves(bench.world) if move.until != float("inf")), default=bench.journal.now())
    await pause(bench, moved + seconds)


async def pause(bench: Bench, until: float) -> None:
    """Wait, and continue while objects still change, at most for twice the quiet time."""
    quiet = bench.scaled(QUIET_SECONDS)
    limit = until + 2 * quiet
    while (now := bench.journal.now()) < limit:
        wake = max(until, last_change(bench.world) + quiet)
        if now >= wake:
            return
        await asyncio.sleep(min(wake, limit) - now)


def arrived(world: World) -> bool:
    """Do the checks of the end state find nothing wrong any more?"""
    said = [judgement for check in (hosts_adopted, annotations_consumed, machines_run) for judgement in check.check(world)]
    return all(judgement.verdict == "pass" for judgement in said)


def last_change(world: World) -> float:
    """When an object that should be quiet last changed."""
    versions = [
        timeline[-1].entry
        for key, timeline in world.objects.items()
        if key.kind in QUIET_KINDS and isinstance(timeline[-1].entry.fact, ObjectSeen)
    ]
    return max((entry.at for entry in versions), default=0.0)
