"""A host's BMC was asked for a reset.

It does not wait for the host to come back.
"""

from typing import Literal

from harness.files.durations import HostName


class Bench: ...


async def step(
    bench: Bench,
    *,
    host: HostName = "",
    type: Literal["ForceRestart", "ForceOff"] = "ForceRestart",  # noqa: A002 (Redfish's word)
    times: int = 1,
    factor: float = 1.5,
    wait: bool = False,
    media: list[str] | None = None,
) -> None:
    """Do it."""
