"""Upgrade everything, as upstream's jobs do after the pivot: the providers of both clusters, the Baremetal Operator, Ironic, the Cluster.

It is `upgrade_providers` in this cluster and in the other, then `upgrade_bmo`, `upgrade_ironic` and `upgrade_cluster` in this one. Hosts
that the rollout of the Cluster does not take must not notice.
"""

from harness.bench.bench import Bench
from harness.journal.facts import SIDES, Side
from harness.steps import upgrade_bmo, upgrade_cluster, upgrade_ironic, upgrade_providers
from harness.steps.upgrade_providers import written
from harness.world.changes.rollouts import MAKERS


async def step(bench: Bench, *, cluster: Side = "target") -> None:
    """Upgrade the cluster that manages the hosts, and the providers of the other, into which they will be moved."""
    manifests = await written(bench, "cluster", bench.lab.upgrade.cluster)
    upgrade_cluster.refuse(bench, cluster, manifests, [each for each in manifests if each.kind in MAKERS])
    for side in (cluster, SIDES[1 - SIDES.index(cluster)]):
        await upgrade_providers.step(bench, cluster=side)
    await upgrade_bmo.step(bench, cluster=cluster)
    await upgrade_ironic.step(bench, cluster=cluster)
    await upgrade_cluster.step(bench, cluster=cluster)
