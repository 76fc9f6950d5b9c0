"""All is quiet."""

from harness.files.durations import Duration


class Bench: ...


async def step(bench: Bench, *, for_: Duration = 5.0) -> None:
    """Do it."""
