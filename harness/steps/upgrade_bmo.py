"""Upgrade the Baremetal Operator of one cluster: apply the lab file's `upgrade: {bmo: FILE}`, and wait until it is available."""

from harness.bench.bench import Bench
from harness.journal.facts import Side
from harness.steps.upgrade_providers import change, written


async def step(bench: Bench, *, cluster: Side = "target") -> None:
    """Upgrade it in this cluster."""
    await change(bench, cluster, await written(bench, "bmo", bench.lab.upgrade.bmo))
