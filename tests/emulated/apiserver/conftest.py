"""One API server a test, and a client for it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from harness.emulated.apiserver import ApiServer
from tests.emulated.apiserver.client import Client


@pytest.fixture
async def server() -> AsyncIterator[ApiServer]:
    server = ApiServer("test", history_entries_max=40)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def client(server: ApiServer) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as session:
        client = Client(session, server.url)
        await client.ask("POST", "/api/v1/namespaces", {"metadata": {"name": "room"}})
        yield client
