"""Every host has one owner at a time."""


class World: ...


def check(world: World) -> list[object]:
    """Judge it."""
    return []
