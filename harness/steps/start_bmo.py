"""Start the Baremetal Operator of a cluster, and wait until its Deployment is available."""

from harness.bench import operator as operator_webhooks
from harness.bench.bench import Bench, replicas_of
from harness.journal.facts import Side

START_SECONDS = 300.0


async def step(bench: Bench, *, cluster: Side) -> None:
    """Scale its Deployment to 1."""
    deployment = bench.bmo_deployment(cluster)
    await bench.scale(cluster, deployment, 1)
    await bench.until(
        lambda world: bool(replicas_of(world, cluster, deployment)), START_SECONDS, f"{deployment} in the {cluster}"
    )
    await operator_webhooks.judge_again(bench, cluster)
