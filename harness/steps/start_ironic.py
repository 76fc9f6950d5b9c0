"""Start the Ironic of a cluster, and wait until it answers."""

from harness.bench.bench import Bench
from harness.bench.ironic import start_ironic
from harness.journal.facts import Side


async def step(bench: Bench, *, cluster: Side) -> None:
    """Start what the lab file says that it runs as."""
    await start_ironic(bench, cluster)
