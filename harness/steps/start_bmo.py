"""Start the Baremetal Operator of a cluster, and wait until its Deployment is available."""

from harness.bench.bench import Bench
from harness.bench.operator import start_operator
from harness.journal.facts import Side


async def step(bench: Bench, *, cluster: Side) -> None:
    """Scale its Deployment to 1."""
    await start_operator(bench, cluster)
