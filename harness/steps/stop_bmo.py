"""Stop the Baremetal Operator of a cluster, and wait until its Deployment has no replica.

Its webhooks, which nobody serves then, are told to let writes pass until it is started again: else no host could be moved.
"""

from harness.bench import operator as operator_webhooks
from harness.bench.bench import Bench, replicas_of
from harness.journal.facts import Side

STOP_SECONDS = 120.0


async def step(bench: Bench, *, cluster: Side) -> None:
    """Scale its Deployment to 0."""
    deployment = bench.bmo_deployment(cluster)
    await operator_webhooks.let_pass(bench, cluster)
    await bench.scale(cluster, deployment, 0)
    await bench.until(
        lambda world: not replicas_of(world, cluster, deployment), STOP_SECONDS, f"{deployment} in the {cluster} to stop"
    )
