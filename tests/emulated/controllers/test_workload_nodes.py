"""The Nodes of a workload cluster are asked for once for all Machines, and again when they may have changed."""

import asyncio

from harness.emulated.apiserver import ApiServer
from harness.emulated.controllers.informer import Informer
from harness.emulated.controllers.kubeconfig import NODES_SECONDS, Workloads
from harness.emulated.kube.client import Client
from harness.emulated.kube.resources import NODES, SECRETS
from harness.emulated.plan.time_scale import Pace


async def test_many_machines_share_one_list_of_nodes_and_a_later_one_shows_what_is_new():
    server = ApiServer("test")
    await server.start()
    pace = Pace(20.0)
    try:
        async with (
            Client(server.url, server.token) as client,
            Workloads(Informer(client, SECRETS), pace=pace, user_agent="test") as ours,
        ):
            listed = await asyncio.gather(*(ours.nodes(client) for _ in range(20)))
            assert all(nodes is listed[0] for nodes in listed)
            await client.create(NODES, {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-0"}, "spec": {}})
            while not (nodes := await ours.nodes(client)):  # noqa: ASYNC110 - only asking again tells
                await asyncio.sleep(pace.seconds(NODES_SECONDS))
            assert [node["metadata"]["name"] for node in nodes] == ["node-0"]
    finally:
        await server.stop()
