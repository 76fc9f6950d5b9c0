"""Names a type that there is not."""


async def step(bench, *, host: "Nowhere") -> None:  # noqa: F821 (on purpose)
    pass
