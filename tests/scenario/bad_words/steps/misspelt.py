"""Imports a name that there is not."""

from harness.files.durations import Durations


async def step(bench, *, for_: Durations = 1.0) -> None:
    pass
