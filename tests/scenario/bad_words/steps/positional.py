"""Takes an argument by its place."""


async def step(bench, host: str) -> None:
    pass
