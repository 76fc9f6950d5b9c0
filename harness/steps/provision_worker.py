"""Provision the workers of a Cluster whose control plane is there, and wait until all their Machines run.

What makes Machines of the workers in the lab file's `manifests`, with the templates and secrets that nothing else names. Refused before the
control plane is there, or where there are too few free servers.
"""

from harness.bench.bench import Bench
from harness.journal.facts import Side
from harness.steps.provision import provision, require_cluster


async def step(bench: Bench, *, cluster: Side = "source") -> None:
    """Apply them to the cluster that has the Cluster."""
    await require_cluster(bench, cluster, initialized=True)
    await provision(bench, cluster, ("worker",))
