"""The API server that begins and ends with its control planes, at one address and with one token."""

import asyncio

import aiohttp
import pytest

from harness.emulated.apiserver import ApiServer
from harness.emulated.controllers.kubeconfig import client_of
from harness.emulated.kube.client import StatusError
from harness.emulated.kube.resources import NODES
from harness.emulated.servers.hosted import HostedCluster
from tests.waiting import until

SECONDS = 10.0
NODE = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-0"}}


@pytest.fixture
async def hosted():
    """A cluster without a control plane, whose inhabitants count how often they were started, and whether they live."""
    cluster = HostedCluster(lambda life: ApiServer("target", life=life), "127.0.0.1")
    cluster.lives = []

    async def inhabitants():
        cluster.lives.append("lives")
        try:
            await asyncio.Event().wait()
        finally:
            cluster.lives[-1] = "ended"

    text = str(await cluster.kubeconfig())
    life = asyncio.create_task(cluster.run(inhabitants))
    async with client_of(text, user_agent="test") as cluster.client:
        yield cluster
    life.cancel()
    await asyncio.wait([life])


async def refused(hosted):
    try:
        await hosted.client.list_all(NODES)
    except (aiohttp.ClientError, OSError):
        return True
    except StatusError:
        return False
    return False


async def test_it_serves_while_a_control_plane_runs_and_keeps_what_it_knows_on_their_disks(hosted):
    assert await refused(hosted)
    await asyncio.wait_for(hosted.runs("node-0"), SECONDS)
    node = await hosted.client.create(NODES, NODE)

    hosted.halts("node-0")
    await until(lambda: refused(hosted), "nobody to serve", SECONDS)
    assert hosted.lives == ["lives"]

    await asyncio.wait_for(hosted.runs("node-0"), SECONDS)
    assert (await hosted.client.get(NODES, "node-0"))["metadata"]["uid"] == node["metadata"]["uid"]
    assert hosted.lives == ["lives"]


async def test_one_control_plane_of_two_is_enough(hosted):
    for name in ("node-0", "node-1"):
        await asyncio.wait_for(hosted.runs(name), SECONDS)
    hosted.wiped("node-0")
    await asyncio.sleep(0)
    assert not await refused(hosted)


async def test_with_its_last_disk_it_ends_and_the_next_one_is_another_cluster(hosted):
    await asyncio.wait_for(hosted.runs("node-0"), SECONDS)
    before = await hosted.client.create(NODES, NODE)
    hosted.wiped("node-0")
    await until(lambda: hosted.lives == ["ended"], "the end of those who lived there", SECONDS)
    assert await refused(hosted)

    await asyncio.wait_for(hosted.runs("node-1"), SECONDS)
    assert (await hosted.client.list_all(NODES))["items"] == []
    assert (await hosted.client.create(NODES, NODE))["metadata"]["uid"] != before["metadata"]["uid"]
    assert hosted.lives == ["ended", "lives"]
