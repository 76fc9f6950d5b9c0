"""Start the Ironic of a cluster, and wait until it answers."""

from harness.bench import ironic as ironic_lifecycle
from harness.bench.bench import Bench
from harness.journal.facts import Side


async def step(bench: Bench, *, cluster: Side) -> None:
    """Start what the lab file says that it runs as."""
    await ironic_lifecycle.start(bench, cluster)
