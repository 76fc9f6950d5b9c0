"""Upgrade the Ironic of one cluster: apply the lab file's `upgrade: {ironic: FILE}`, and wait until it answers again."""

from harness.bench.bench import Bench
from harness.journal.facts import Side
from harness.steps.upgrade_providers import change, written
from harness.world.ironic.presence import answers


async def step(bench: Bench, *, cluster: Side = "target") -> None:
    """Upgrade it in this cluster."""
    await change(bench, cluster, await written(bench, "ironic", bench.lab.upgrade.ironic))
    limit = bench.limits.operator_start_seconds
    await bench.until(lambda world: answers(world, cluster) is True, limit, f"the Ironic of the {cluster} to answer")
