"""Move the Cluster and its hosts from one cluster to the other, by `clusterctl move` or our own mover.

Which: the lab file's `mover.clusterctl`, else the clusterctl on PATH, else (embedded labs only) our own.
"""

from harness.bench import Bench
from harness.exits import RefusedError
from harness.facts import Side
from harness.sight import mover
from harness.waiting import StepFailed


async def step(bench: Bench, *, origin: Side = "source", destination: Side = "target") -> None:
    """Run the mover to its end; any exit code but 0 is a failure of the step."""
    if origin == destination:
        raise RefusedError(f"a move from {origin} to {destination} moves nothing; name two clusters")
    clusterctl = mover.find_clusterctl(bench.lab.mover.clusterctl if bench.lab.mover else None)
    if clusterctl is None and bench.lab.network is None:
        raise RefusedError(f"{bench.lab.path}: no clusterctl is named and none is on PATH; our own mover is for embedded labs")
    places = {"source": bench.lab.clusters.source, "target": bench.lab.clusters.target}
    command = mover.mover_command(
        clusterctl,
        source=mover.KubeconfigContext(places[origin].kubeconfig, places[origin].context),
        target=mover.KubeconfigContext(places[destination].kubeconfig, places[destination].context),
        namespace=bench.namespace,
    )
    home = bench.directory / "logs" / "mover-home"
    home.mkdir(parents=True, exist_ok=True)
    async with bench.writing(f"clusters {origin} and {destination}", f"clusterctl move from {origin} to {destination}"):
        code = await mover.move(
            command,
            origin=origin,
            destination=destination,
            recorder=bench.journal,
            log_path=bench.directory / "logs" / "clusterctl.log",
            environment=mover.mover_environment(home, speed=bench.lab.speed),
        )
    if code != 0:
        raise StepFailed(f"the mover ended with exit code {code}; its output is in logs/clusterctl.log")
