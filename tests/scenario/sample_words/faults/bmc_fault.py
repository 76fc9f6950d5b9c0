"""A host's BMC misbehaves to those who ask it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness.files.durations import HostName


@asynccontextmanager
async def fault(bench, *, kind: str, host: HostName = "", client: str = "", count: int = 0) -> AsyncIterator[None]:
    """Let it."""
    yield
