"""The lab is fit to pivot."""


class Bench: ...


async def step(bench: Bench) -> None:
    """Do it."""
