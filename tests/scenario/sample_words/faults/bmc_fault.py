"""A host's BMC misbehaves to those who ask it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness.files.durations import Host


@asynccontextmanager
async def fault(bench, *, kind: str, host: Host = "", client: str = "", count: int = 0) -> AsyncIterator[None]:
    """Let it."""
    yield
