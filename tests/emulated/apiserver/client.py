"""Requests as a test says them."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from tests.emulated.apiserver import samples

Body = dict[str, Any]
EVENT_SECONDS = 5


class Client:
    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session, self.url = session, url

    async def answer(self, method: str, path: str, body: Any = None, content_type: str = "application/json") -> tuple[int, Body]:
        data = body if body is None or isinstance(body, bytes) else json.dumps(body)
        async with self.session.request(method, self.url + path, data=data, headers={"Content-Type": content_type}) as response:
            return response.status, json.loads(await response.text())

    async def ask(self, method: str, path: str, body: Any = None, content_type: str = "application/json") -> Body:
        code, answer = await self.answer(method, path, body, content_type)
        assert code < 400, answer
        return answer

    async def merge(self, path: str, body: Body) -> Body:
        return await self.ask("PATCH", path, body, samples.MERGE)

    async def define_widgets(self) -> None:
        await self.ask("POST", samples.CRDS, samples.DEFINITION)

    async def watch(self, path: str, **query: str) -> AsyncIterator[Body]:
        parameters = {"watch": "true", "timeoutSeconds": "1"} | query
        async with self.session.get(self.url + path, params=parameters) as response:
            assert response.status == 200, await response.text()
            async for line in response.content:
                yield json.loads(line)

    async def watched(self, path: str, **query: str) -> list[Body]:
        return [event async for event in self.watch(path, **query)]

    async def until_gone(self, path: str) -> None:
        """Wait, by a watch, until the object of a path is there no longer."""
        collection, _, name = path.rpartition("/")
        selector = f"metadata.name={name}"
        listed = await self.ask("GET", f"{collection}?fieldSelector={selector}")
        if not listed["items"]:
            return
        version = listed["metadata"]["resourceVersion"]
        async with asyncio.timeout(EVENT_SECONDS):
            async for event in self.watch(collection, fieldSelector=selector, resourceVersion=version, timeoutSeconds="60"):
                if event["type"] == "DELETED":
                    return
        raise AssertionError(f"{path} was never seen to go")


def brief(events: list[Body]) -> list[tuple[str, str]]:
    return [(event["type"], event["object"]["metadata"].get("name", "")) for event in events]
