"""Waits on facts: until something holds, with a limit and a name, and never for luck."""

import asyncio
import inspect
import time

LIMIT_SECONDS = 10.0
POLL_SECONDS = 0.005
"""Between two looks; few facts of other processes and machines have an event that could be waited for."""


async def until(condition, what: str, seconds: float = LIMIT_SECONDS):
    """What a condition (a function, or one that is awaited) says once that is true; fails by name after so long."""
    deadline = time.monotonic() + seconds
    while not (found := await _said(condition)):
        assert time.monotonic() < deadline, f"never seen within {seconds:g} s: {what}"
        await asyncio.sleep(POLL_SECONDS)
    return found


def wait_until(condition, what: str, seconds: float = LIMIT_SECONDS):
    """The same outside of an event loop."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"never seen within {seconds:g} s: {what}"
        time.sleep(POLL_SECONDS)
    return found


async def _said(condition):
    said = condition()
    return await said if inspect.isawaitable(said) else said
