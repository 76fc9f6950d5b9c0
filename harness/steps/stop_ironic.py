"""Stop the Ironic of a cluster, and wait until it no longer answers.

A pivot needs that before the move: a surviving Ironic goes on to enforce its idea of every host's power. The logs of its containers are
kept before, masked, in the run's `logs/`.
"""

from harness.bench.bench import Bench
from harness.bench.ironic import stop_ironic
from harness.journal.facts import Side


async def step(bench: Bench, *, cluster: Side) -> str:
    """Stop what the lab file says that it runs as."""
    return await stop_ironic(bench, cluster)
