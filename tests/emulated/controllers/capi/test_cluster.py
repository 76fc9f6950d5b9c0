"""Our Clusters: one whose infrastructure comes later than it takes it all the same."""

import asyncio

from harness.emulated.apiserver import ApiServer
from harness.emulated.controllers.capi.cluster import ClusterReconciler
from harness.emulated.controllers.objects import owner_of
from harness.emulated.controllers.runtime import ControllerManager
from harness.emulated.kube.client import Client
from harness.emulated.kube.resources import CLUSTERS, METAL3_CLUSTERS
from harness.emulated.plan.time_scale import Pace
from harness.emulated.seed import steady
from tests.waiting import until

SPEED = 200.0
META = {"name": "lab", "namespace": "metal3"}
CLUSTER = {
    "apiVersion": "cluster.x-k8s.io/v1beta2",
    "kind": "Cluster",
    "metadata": META,
    "spec": {"infrastructureRef": {"apiGroup": "infrastructure.cluster.x-k8s.io", "kind": "Metal3Cluster", "name": "lab"}},
}
INFRASTRUCTURE = {
    "apiVersion": "infrastructure.cluster.x-k8s.io/v1beta2",
    "kind": "Metal3Cluster",
    "metadata": META,
    "spec": {"controlPlaneEndpoint": {"host": "10.0.0.9", "port": 6443}},
}


async def test_an_infrastructure_that_comes_when_its_cluster_is_at_rest_is_taken_all_the_same():
    api = ApiServer("source")
    async with Client(await api.start(), api.token) as client:
        await steady.install(client, ("metal3",), [], {})
        manager = ControllerManager("capi", client, Pace(SPEED))
        ClusterReconciler(manager)
        running = asyncio.create_task(manager.run())
        try:
            await client.create(CLUSTERS, CLUSTER)
            seen = []

            async def at_rest():
                """Has nothing written it for two looks?"""
                seen.append((await client.get(CLUSTERS, "lab", "metal3"))["metadata"]["resourceVersion"])
                await asyncio.sleep(2 / SPEED)
                return seen[-4:] == [seen[-1]] * 4 and "status" in await client.get(CLUSTERS, "lab", "metal3")

            await until(at_rest, "the Cluster to rest")
            await client.create(METAL3_CLUSTERS, INFRASTRUCTURE)

            async def owned():
                return owner_of(await client.get(METAL3_CLUSTERS, "lab", "metal3"), "Cluster")

            await until(owned, "the Metal3Cluster to have an owner", 5.0)
        finally:
            running.cancel()
            await asyncio.wait([running])
            await api.stop()
