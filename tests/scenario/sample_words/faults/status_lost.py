"""The status lost fault is in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness.files.durations import HostName


class Bench: ...


@asynccontextmanager
async def fault(bench: Bench, *, host: HostName = "") -> AsyncIterator[None]:
    """Put it in, and heal it."""
    yield
