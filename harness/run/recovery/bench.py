"""A bench for leading on: a journal of its own beneath the run's directory, and everything watched as in a run."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from importlib.metadata import version

from harness.bench.bench import Bench
from harness.bench.connect import open_bench
from harness.bench.undo import standing
from harness.files.words import WordFiles
from harness.journal.facts import RunBegan, RunEnded
from harness.journal.journal import Journal
from harness.lab.model import Lab
from harness.run.recovery.trail import Trail
from harness.run.recovery.ways import WayOn
from harness.scenario.perform import first_cause

CLOSE_SECONDS = 60.0


async def on_bench(lab: Lab, trail: Trail, words: WordFiles, way: WayOn, body: Callable[[Bench], Awaitable[None]]) -> None:
    """Do this on a bench of its own; its mover goes on where we end. Raises StepFailedError, UsageError, ClusterError."""
    journal = Journal(trail.next_directory)
    try:
        await _watched(lab, journal, words, way, body)
    except BaseException as error:  # noqa: BLE001 - recorded first, and raised again
        cause = first_cause(error)
        journal.record(RunEnded(how="failed", says=str(cause)))
        raise cause from None
    finally:
        journal.close()


async def _watched(lab: Lab, journal: Journal, words: WordFiles, way: WayOn, body: Callable[[Bench], Awaitable[None]]) -> None:
    async with open_bench(lab, journal.path.parent, journal, _began(lab, way)) as (bench, watchers):
        bench.words, bench.ends_mover = words, False
        await body(bench)
        for item in standing(journal.entries):
            bench.undone(item.write, "belongs to the way that was gone")
        async with asyncio.timeout(CLOSE_SECONDS):
            await watchers.close()
    journal.record(RunEnded(how="done"))


def _began(lab: Lab, way: WayOn) -> RunBegan:
    now = datetime.now(UTC)
    return RunBegan(
        scenario=f"recover {way}",
        lab=lab.name,
        started=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        mode="run",
        expectations=[],
        unclaimed=lab.unclaimed,
        version=version("metal3-pivot-harness"),
        started_fraction=round(now.microsecond / 1_000_000, 3),
    )
