"""The third party reset fault is in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness.files.durations import HostName


class Bench: ...


@asynccontextmanager
async def fault(
    bench: Bench,
    *,
    host: HostName = "",
    type: str = "ForceRestart",  # noqa: A002 (Redfish's word)
    when: str = "",
) -> AsyncIterator[None]:
    """Put it in, and heal it."""
    yield
