"""The host is adopted in time."""

from harness.files.durations import Duration

PROMISE = False


class World: ...


def check(world: World, *, limit: Duration) -> list[object]:
    """Judge it."""
    return []
