"""Is not async."""


def step(bench) -> None:
    pass
