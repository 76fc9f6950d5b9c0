"""Stop the Baremetal Operator of a cluster, and wait until its Deployment has no replica.

Its webhooks, which nobody serves then, are told to let writes pass until it is started again: else no host could be moved. Its logs are
kept before, masked, in the run's `logs/`.
"""

from harness.bench.bench import Bench
from harness.bench.operator import stop_operator
from harness.journal.facts import Side


async def step(bench: Bench, *, cluster: Side) -> str:
    """Scale its Deployment to 0."""
    return await stop_operator(bench, cluster)
