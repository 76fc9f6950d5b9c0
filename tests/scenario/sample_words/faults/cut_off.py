"""The cut off fault is in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness.files.durations import HostName
from harness.journal.facts import Side


class Bench: ...


@asynccontextmanager
async def fault(bench: Bench, *, from_: Side, host: HostName = "") -> AsyncIterator[None]:
    """Put it in, and heal it."""
    yield
