"""Takes an argument that YAML cannot give."""


async def step(bench, *, host: object) -> None:
    pass
