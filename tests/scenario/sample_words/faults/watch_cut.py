"""The watch cut fault is in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness.files.durations import Duration
from harness.journal.facts import Side


class Bench: ...


@asynccontextmanager
async def fault(bench: Bench, *, cluster: Side = "target", for_: Duration = 5.0, when: str = "") -> AsyncIterator[None]:
    """Put it in, and heal it."""
    yield
