"""The lab's manageable network: cuts and silences through its HTTP control, each journaled with its undo."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from harness.bench.bench import Bench
from harness.errors import LabBrokeError
from harness.journal.facts import Body

CONTROL_SECONDS = 10.0


@asynccontextmanager
async def controlled(bench: Bench, collection: str, what: str, body: Body, *, host: str = "") -> AsyncIterator[None]:
    """Put an entry of `cuts` or `silences` in for the time of the block."""
    control = bench.network_control()
    undo = {"do": "network", "url": control, "collection": collection}
    async with bench.writing("network", what, host=host, undo=undo) as write:
        await ask("PUT", f"{control}/{collection}/{write}", body)
    try:
        yield
    finally:
        await asyncio.shield(ask("DELETE", f"{control}/{collection}/{write}"))
        bench.undone(write)


async def ask(method: str, url: str, body: Body | None = None) -> None:
    """One request to the control; LabBrokeError where it is refused or not answered."""
    timeout = aiohttp.ClientTimeout(total=CONTROL_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.request(method, url, json=body) as response:
            if response.status not in (200, 201, 204, 404 if method == "DELETE" else 200):
                raise LabBrokeError(f"the lab's network control answered {response.status} to {method} {url}")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise LabBrokeError(f"the lab's network control does not answer at {url}: {type(error).__name__}") from error
