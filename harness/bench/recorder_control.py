"""Faults before a BMC, through the HTTP control of the recorder that stands there, each journaled with its undo."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import msgspec

from bmc.recorder.faults import FaultSpec
from harness.bench.bench import Bench
from harness.errors import LabBrokeError, UsageError
from harness.journal.facts import Body

CONTROL_SECONDS = 10.0


class Applied:
    """What a fault did: `count` is the number of requests affected.

    None: unknown, or the recorder forgot the fault in a restart.
    """

    def __init__(self) -> None:
        self.count: int | None = None


@asynccontextmanager
async def injected(bench: Bench, host: str, order: FaultSpec, what: str, applied: Applied) -> AsyncIterator[None]:
    """Inject a fault before a host's BMC while the block runs; afterwards `applied` holds how often it was applied."""
    control = bench.recorder_control(host)
    undo = {"do": "network", "url": control, "collection": "faults"}
    async with bench.writing("recorder", what, host=host, undo=undo) as write:
        await ask("PUT", f"{control}/faults/{write}", msgspec.to_builtins(order))
    try:
        yield
    finally:
        healed = await asyncio.shield(ask("DELETE", f"{control}/faults/{write}"))
        bench.undone(write)
        applied.count = healed.get("applied")


async def ask(method: str, url: str, body: Body | None = None) -> Body:
    """One request to the control API; returns its answer, empty when removing a fault that does not exist.

    Raises UsageError if the recorder rejects the fault, LabBrokeError if it does not answer.
    """
    timeout = aiohttp.ClientTimeout(total=CONTROL_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.request(method, url, json=body) as response:
            told = await response.json()
            if response.status in (200, 201):
                return dict(told)
            if method == "DELETE" and response.status == 404:
                return {}
            declined = f"the recorder's control answered {response.status} to {method} {url}: {told.get('says', '')}"
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise LabBrokeError(f"the recorder's control does not answer at {url}: {type(error).__name__}") from error
    raise UsageError(declined)
