"""The host is adopted in time."""

from harness.arguments import Duration


class World: ...


def check(world: World, *, limit: Duration) -> list[object]:
    """Judge it."""
    return []
