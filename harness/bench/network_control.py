"""The lab's manageable network: cuts and silences through its HTTP control, each journaled with its undo."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import msgspec

from harness.bench.bench import Bench
from harness.errors import LabBrokeError, UsageError
from harness.journal.facts import Body
from harness.lab.undo import Undo, UndoAccess

CONTROL_SECONDS = 10.0


class RemoveEntry(Undo, frozen=True, kw_only=True, tag="network"):
    """The entry that a fault made at a control (of the network, or of a recorder) is removed; it has the name of its write."""

    url: str
    collection: str

    @property
    def touches_no_owner(self) -> bool:
        """Whatever is healed here belongs to the lab, not to a cluster."""
        return True

    async def undo(self, access: UndoAccess) -> None:
        """Delete it, where it is there."""
        await ask("DELETE", f"{self.url}/{self.collection}/{access.write}")


@asynccontextmanager
async def controlled(bench: Bench, collection: str, what: str, body: Body, *, host: str = "") -> AsyncIterator[None]:
    """Put an entry of `cuts` or `silences` in for the time of the block."""
    control = bench.network_control()
    undo = RemoveEntry(url=control, collection=collection)
    async with bench.writing("network", what, host=host, undo=undo) as write:
        await ask("PUT", f"{control}/{collection}/{write}", body)
    try:
        yield
    finally:
        await asyncio.shield(ask("DELETE", f"{control}/{collection}/{write}"))
        bench.undone(write)


async def ask(method: str, url: str, body: Body | None = None) -> Body:
    """One request to a control of the lab; its answer, empty where what is to be removed is not there.

    Raises UsageError where the control rejects what is asked, LabBrokeError where it does not answer.
    """
    timeout = aiohttp.ClientTimeout(total=CONTROL_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.request(method, url, json=body) as response:
            content = await response.read()
            answer = msgspec.json.decode(content, type=Body) if content else {}
    except (aiohttp.ClientError, TimeoutError, OSError, msgspec.DecodeError) as error:
        raise LabBrokeError(f"the lab's control does not answer at {url}: {type(error).__name__}") from error
    if response.status in (200, 201, 204):
        return answer
    if method == "DELETE" and response.status == 404:
        return {}
    says = f"the lab's control answered {response.status} to {method} {url}: {answer.get('says', '')}".rstrip(": ")
    raise UsageError(says) if 400 <= response.status <= 499 else LabBrokeError(says)
