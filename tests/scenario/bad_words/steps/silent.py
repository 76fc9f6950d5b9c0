async def step(bench) -> None:
    pass
