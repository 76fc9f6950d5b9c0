"""Start the Baremetal Operator of a cluster, and wait until its Deployment is available.

Refused where that cluster still holds a host, un-paused or terminating, that the other one owns: it would deprovision a running server.
"""

from harness.bench.bench import Bench
from harness.bench.operator import start_operator
from harness.journal.facts import Side
from harness.move.interlock import refuse_two_owners


async def step(bench: Bench, *, cluster: Side) -> None:
    """Scale its Deployment to 1."""
    await refuse_two_owners(bench, cluster, "the Baremetal Operator")
    await start_operator(bench, cluster)
