"""Start bmo of one cluster."""

from harness.journal.facts import Side


class Bench: ...


async def step(bench: Bench, *, cluster: Side) -> None:
    """Do it."""
