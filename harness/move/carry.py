"""Carries the Cluster and its hosts from one cluster to the other: by clusterctl, or on embedded labs by our own mover."""

import contextlib
import sys
from pathlib import Path

from harness.bench.bench import Bench
from harness.errors import StepFailedError, UsageError
from harness.journal.facts import Side
from harness.move import process as mover
from harness.move.backup import keep_backup
from harness.move.proxy import MoverProxy, current


async def carry(bench: Bench, *, origin: Side, destination: Side, code: int = 0) -> None:
    """Run the mover to its end; any other exit code is a StepFailedError, unless a fault had ended it at a request."""
    if origin == destination:
        raise UsageError(f"a move from {origin} to {destination} moves nothing; name two clusters")
    clusterctl = mover_of(bench)
    proxy = current()
    for side in (origin, destination):
        await bench.require(side)
    if bench.backup:
        await keep(bench, origin, bench.backup)
        bench.backup = None
    command = command_of(bench, proxy, clusterctl, origin, destination)
    home = bench.directory / "logs" / "mover-home"
    home.mkdir(parents=True, exist_ok=True)
    async with bench.writing(f"clusters {origin} and {destination}", f"clusterctl move from {origin} to {destination}"):
        ended = await mover.move(
            command,
            origin=origin,
            destination=destination,
            recorder=bench.journal,
            log_path=bench.directory / "logs" / "clusterctl.log",
            environment=mover.mover_environment(
                home, speed=bench.lab.speed, named=bench.lab.mover.environment if bench.lab.mover else ()
            ),
            ends=lambda: bench.ends_mover,
        )
    with contextlib.suppress(OSError):  # what clusterctl left in it is kept
        home.rmdir()
    if ended != code and not (proxy and proxy.struck):
        wanted = f", not with {code}" if code else ""
        raise StepFailedError(f"the mover ended with exit code {ended}{wanted}; its output is in logs/clusterctl.log")


async def keep(bench: Bench, side: Side, directory: Path) -> str:
    """Keep a backup of what a move from this side would carry, and say what it holds; that, for people."""
    says = await keep_backup(bench.clusters[side], bench.namespace, directory, bench.directory)
    sys.stderr.write(f"backup: {says}\n")
    return says


def mover_of(bench: Bench) -> Path | None:
    """The clusterctl of the lab file, else the one on PATH; None: our own mover. UsageError where there is none for this lab."""
    clusterctl = mover.find_clusterctl(bench.lab.mover.clusterctl if bench.lab.mover else None)
    if clusterctl is None and bench.lab.network is None:
        raise UsageError(f"{bench.lab.path}: no clusterctl is named and none is on PATH; our own mover is for embedded labs")
    return clusterctl


def command_of(bench: Bench, proxy: MoverProxy | None, clusterctl: Path | None, origin: Side, destination: Side) -> list[str]:
    """The mover's command, straight to both clusters, or through the proxy of a fault."""
    accesses = {"source": bench.lab.clusters.source, "target": bench.lab.clusters.target}
    places = {side: mover.KubeconfigContext(access.kubeconfig, access.context) for side, access in accesses.items()}
    source, target = (proxy.place(side) if proxy else places[side] for side in (origin, destination))
    command = mover.mover_command(clusterctl, source=source, target=target, namespace=bench.namespace)
    return proxy.wrapped(command) if proxy else command
