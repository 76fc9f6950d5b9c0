"""Takes an argument of no type."""


async def step(bench, *, host=None) -> None:
    pass
