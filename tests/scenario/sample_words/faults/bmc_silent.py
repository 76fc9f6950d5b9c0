"""The bmc silent fault is in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness.files.durations import Host


class Bench: ...


@asynccontextmanager
async def fault(bench: Bench, *, host: Host = "") -> AsyncIterator[None]:
    """Put it in, and heal it."""
    yield
