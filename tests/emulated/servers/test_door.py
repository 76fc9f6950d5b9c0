"""The door before an API server that somebody else runs: nobody gets through while it is shut."""

import aiohttp
import pytest

from harness.emulated.apiserver import ApiServer
from harness.emulated.controllers.kubeconfig import client_of
from harness.emulated.kube.resources import NAMESPACES
from harness.emulated.servers.door import Door


async def test_nobody_gets_through_a_door_that_is_shut_and_what_is_behind_it_goes_on():
    behind = ApiServer("behind")
    await behind.start()
    door = Door(behind.kubeconfig())
    port = int((await door.start()).rpartition(":")[2])
    try:
        async with client_of(str(door.kubeconfig()), user_agent="test") as client:
            names = [each["metadata"]["name"] for each in (await client.list_all(NAMESPACES))["items"]]
            assert "kube-system" in names
            watch = client.watch(NAMESPACES, resource_version="0")
            await anext(watch)
            await door.stop()
            with pytest.raises((aiohttp.ClientError, OSError)):
                async for _ in watch:
                    pass
            with pytest.raises((aiohttp.ClientError, OSError)):
                await client.list_all(NAMESPACES)
            await door.start("127.0.0.1", port)
            assert (await client.list_all(NAMESPACES))["items"]
    finally:
        await door.stop()
        await behind.stop()
