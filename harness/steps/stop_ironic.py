"""Stop the Ironic of a cluster, and wait until it no longer answers.

A pivot needs that before the move: a surviving Ironic goes on to enforce its idea of every host's power.
"""

from harness.bench import ironic as ironic_lifecycle
from harness.bench.bench import Bench
from harness.journal.facts import Side


async def step(bench: Bench, *, cluster: Side) -> None:
    """Stop what the lab file says that it runs as."""
    await ironic_lifecycle.stop(bench, cluster)
