"""Provision the first part of a Cluster from zero: its hosts and what all of it shares; done when the hosts are free.

The hosts of the lab file's `manifests`, the Cluster and its infrastructure, and what both control plane and workers need. Servers are
inspected, not imaged. Refused, with nothing applied, where the manifests have no control plane or want more Machines than there are
servers.
"""

from harness.bench.bench import Bench
from harness.journal.facts import Side
from harness.steps.provision import provision


async def step(bench: Bench, *, cluster: Side = "source") -> None:
    """Apply it to this cluster."""
    await provision(bench, cluster, ("cluster",))
