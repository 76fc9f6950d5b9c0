"""Parts run exactly while their Deployment wants a replica, and every Deployment reports it."""

import asyncio
import contextlib

from harness.emulated.apiserver import ApiServer
from harness.emulated.controllers.deployments import Deployments
from harness.emulated.kube.client import Client
from harness.emulated.kube.resources import DEPLOYMENTS, NAMESPACES
from tests.waiting import until

KEY = ("system", "part")
LIMIT_SECONDS = 10


@contextlib.asynccontextmanager
async def _followed():
    """A client, and the queue of what the part of KEY says: started, stopped."""
    server, told = ApiServer("test"), asyncio.Queue()

    async def part():
        told.put_nowait("started")
        try:
            await asyncio.Event().wait()
        finally:
            told.put_nowait("stopped")

    await server.start()
    try:
        async with Client(server.url, server.token) as client, asyncio.TaskGroup() as tasks:
            await client.create(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": KEY[0]}})
            running = tasks.create_task(Deployments(client, {KEY: part}).run())
            async with asyncio.timeout(LIMIT_SECONDS):
                yield client, told
            running.cancel()
    finally:
        await server.stop()


def _deployment(name, replicas):
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": {"a": "b"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "a", "image": "i"}]}},
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": KEY[0]}, "spec": spec}


async def _ready(client, name):
    """The ready replicas, once the status speaks of the present spec."""

    async def told():
        deployment = await client.get(DEPLOYMENTS, name, KEY[0])
        status = deployment.get("status", {})
        return status if status.get("observedGeneration") == deployment["metadata"]["generation"] else None

    return (await until(told, "a status of the present spec")).get("readyReplicas", 0)


async def test_scaling_starts_and_stops_the_part_and_the_status_says_so():
    async with _followed() as (client, told):
        deployment = await client.create(DEPLOYMENTS, _deployment(KEY[1], 0))
        assert await _ready(client, KEY[1]) == 0
        await client.merge_patch(DEPLOYMENTS, deployment, {"spec": {"replicas": 1}})
        assert await told.get() == "started"
        assert await _ready(client, KEY[1]) == 1
        await client.merge_patch(DEPLOYMENTS, deployment, {"spec": {"replicas": 0}})
        assert await told.get() == "stopped"
        assert await _ready(client, KEY[1]) == 0


async def test_a_deleted_deployment_stops_its_part():
    async with _followed() as (client, told):
        await client.create(DEPLOYMENTS, _deployment(KEY[1], 1))
        assert await told.get() == "started"
        await client.delete(DEPLOYMENTS, KEY[1], KEY[0])
        assert await told.get() == "stopped"


async def test_a_deployment_of_nobodys_is_ready_too():
    async with _followed() as (client, told):
        await client.create(DEPLOYMENTS, _deployment("other", 2))
        assert await _ready(client, "other") == 2
        assert told.empty()
