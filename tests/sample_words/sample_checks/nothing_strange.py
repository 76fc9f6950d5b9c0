"""Nothing strange was seen."""

PROMISE = False


class World: ...


def check(world: World) -> list[object]:
    """Judge it."""
    return []
