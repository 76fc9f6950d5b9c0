"""Start the Ironic of a cluster, and wait until it answers.

Refused where that cluster still holds a host, un-paused or terminating, that the other one owns: it would act on that server.
"""

from harness.bench.bench import Bench
from harness.bench.ironic import start_ironic
from harness.journal.facts import Side
from harness.move.interlock import refuse_two_owners


async def step(bench: Bench, *, cluster: Side) -> None:
    """Start what the lab file says that it runs as."""
    await refuse_two_owners(bench, cluster, "the Ironic")
    await start_ironic(bench, cluster)
