"""Faults before a BMC, through the HTTP control of the recorder that stands there, each journaled with its undo."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from bmc.recorder.faults import FaultSpec
from harness.bench.bench import Bench
from harness.bench.network_control import RemoveEntry, ask


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
    undo = RemoveEntry(url=control, collection="faults")
    async with bench.writing("recorder", what, host=host, undo=undo) as write:
        await ask("PUT", f"{control}/faults/{write}", msgspec.to_builtins(order))
    try:
        yield
    finally:
        healed = await asyncio.shield(ask("DELETE", f"{control}/faults/{write}"))
        bench.undone(write)
        applied.count = healed.get("applied")
