"""Delete the workers of a Cluster, and wait until their servers are free again: cleaned, available, powered as asked, nobody's.

What makes them (MachineDeployments, MachineSets, Machines that stand alone) is deleted, and the controllers do the rest.
"""

from harness.bench.bench import Bench
from harness.journal.facts import Side
from harness.steps.deprovision_cluster import deprovision


async def step(bench: Bench, *, cluster: Side = "source") -> str:
    """Delete them in the cluster that has the Cluster."""
    return await deprovision(bench, cluster, "worker")
