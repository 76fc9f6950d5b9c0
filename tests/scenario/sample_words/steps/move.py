"""Every object has moved."""

from harness.journal.facts import Side


class Bench: ...


async def step(bench: Bench, *, origin: Side = "source", destination: Side = "target") -> None:
    """Do it."""
