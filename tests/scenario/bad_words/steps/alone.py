"""Takes no bench."""


async def step(*, host: str = "") -> None:
    pass
