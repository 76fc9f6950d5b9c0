"""Delete the control plane of a Cluster that has no workers any more, and wait until its servers are free again.

Its API server ends with it. What makes it (a KubeadmControlPlane, or Machines that stand alone) is deleted; the controllers do the rest.
"""

from harness.bench.bench import Bench
from harness.journal.facts import Side
from harness.steps.deprovision_cluster import deprovision


async def step(bench: Bench, *, cluster: Side = "source") -> str:
    """Delete it in the cluster that has the Cluster."""
    return await deprovision(bench, cluster, "control_plane")
