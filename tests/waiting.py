"""Waits on facts: until something holds, with a limit and a name, and never for luck."""

import asyncio
import inspect
import time

LIMIT_SECONDS = 10.0
POLL_SECONDS, POLL_SECONDS_MAX = 0.002, 0.05
"""Between two looks, at first and in the end: few facts of other processes and machines have an event that could be waited for."""


async def until(condition, what="", seconds: float = LIMIT_SECONDS):
    """What a condition (a function, or one that is awaited) says once that is true.

    After so many seconds it fails with `what` was waited for: a text, or a function that tells what is there instead.
    """
    for pause in _pauses(what, seconds):
        said = condition()
        if found := (await said if inspect.isawaitable(said) else said):
            break
        await asyncio.sleep(pause)
    return found


def wait_until(condition, what="", seconds: float = LIMIT_SECONDS):
    """The same outside of an event loop."""
    for pause in _pauses(what, seconds):
        if found := condition():
            break
        time.sleep(pause)
    return found


def _pauses(what, seconds: float):
    """The pauses between looks, until the time is over: then there is one look more, and AssertionError."""
    deadline, pause = time.monotonic() + seconds, POLL_SECONDS
    while time.monotonic() < deadline:
        yield pause
        pause = min(2 * pause, POLL_SECONDS_MAX)
    yield 0.0
    raise AssertionError(f"never seen within {seconds:g} s: {what() if callable(what) else what}")
