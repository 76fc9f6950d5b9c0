"""A bench for leading on: a journal of its own beneath the run's directory, and everything watched as in a run."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime
from importlib.metadata import version

from harness.bench.bench import Bench
from harness.bench.connect import open_bench
from harness.bench.leases.lease import DeleteLease
from harness.bench.leases.leases import Leases, held_leases
from harness.bench.undo import standing
from harness.journal.facts import RunBegan, RunEnded
from harness.journal.journal import Journal
from harness.kube.cluster import KubeCluster
from harness.lab.model import Lab
from harness.run.recovery.trail import Trail
from harness.run.recovery.ways import WayOn
from harness.scenario.perform import first_cause

CLOSE_SECONDS = 60.0

BenchBody = Callable[[Bench], Awaitable[None]]
LeasesBody = Callable[[Leases], Awaitable[None]]


async def on_bench(lab: Lab, trail: Trail, way: WayOn, body: BenchBody) -> None:
    """Do this on a bench of its own; its mover goes on where we end. Raises StepFailedError, UsageError, HeldError, ClusterError."""
    await _journaled(trail, lambda journal: _watched(lab, journal, _began(lab, way), body, trail.holders))


async def on_leases(lab: Lab, trail: Trail, clusters: Mapping[str, KubeCluster], way: WayOn, body: LeasesBody) -> None:
    """Do this while the Leases of both clusters are ours, and nothing is watched. Raises HeldError, ClusterError."""

    async def held(journal: Journal) -> None:
        journal.record(_began(lab, way))
        async with held_leases(journal, clusters, trail.holders) as leases:
            await body(leases)

    await _journaled(trail, held)


async def _journaled(trail: Trail, do: Callable[[Journal], Awaitable[None]]) -> None:
    journal = Journal(trail.next_directory)
    try:
        await do(journal)
        journal.record(RunEnded(how="done"))
    except BaseException as error:  # noqa: BLE001 - recorded first, and raised again
        cause = first_cause(error)
        journal.record(RunEnded(how="failed", says=str(cause)))
        raise cause from None
    finally:
        journal.close()


async def _watched(lab: Lab, journal: Journal, began: RunBegan, body: BenchBody, own: Collection[str]) -> None:
    async with open_bench(lab, journal.path.parent, journal, began, own) as (bench, watchers):
        bench.ends_mover = False
        await body(bench)
        for item in standing(journal.entries):
            if not isinstance(item.undo, DeleteLease):
                bench.undone(item.write, "belongs to the way that was gone")
        async with asyncio.timeout(CLOSE_SECONDS):
            await watchers.close()


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
        lab_file=str(lab.path.resolve()),
        started_fraction=round(now.microsecond / 1_000_000, 3),
    )
