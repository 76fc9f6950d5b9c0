"""Provision the control plane of a Cluster whose first part is there, and wait until all its Machines run.

What makes Machines of the control plane in the lab file's `manifests` (a KubeadmControlPlane, or Machines that stand alone), with the
templates and secrets that nothing else names. Refused where the Cluster is not there, or there are too few free servers.
"""

from harness.bench.bench import Bench
from harness.journal.facts import Side
from harness.steps.provision import provision, require_cluster


async def step(bench: Bench, *, cluster: Side = "source") -> None:
    """Apply it to the cluster that has the Cluster."""
    await require_cluster(bench, cluster, initialized=False)
    await provision(bench, cluster, ("control_plane",))
