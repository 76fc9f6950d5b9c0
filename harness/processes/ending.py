"""How a process ends: it is asked first, then killed, and not waited for without a limit; and what ends ourselves."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

KILL_SECONDS = 5.0
"""So long a killed process is waited for: one that hangs in the kernel, on a dead disk or network share, may never end."""
POLL_SECONDS = 0.02
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Process(Protocol):
    """What is needed of a process to end it: asyncio's has it, and so has a child that may outlive us."""

    @property
    def pid(self) -> int:
        """Its number."""
        ...

    @property
    def returncode(self) -> int | None:
        """Its exit code, None while it runs."""
        ...

    async def wait(self) -> int:
        """Wait for its end; the exit code."""
        ...


async def end(process: Process, patience_seconds: float) -> int:
    """SIGTERM, and SIGKILL where it has not ended after `patience_seconds` (0: at once); its exit code."""
    if process.returncode is None and patience_seconds:
        _signal(process, signal.SIGTERM)
        await _ended(process, patience_seconds)
    if process.returncode is None:
        _signal(process, signal.SIGKILL)
        await _ended(process, KILL_SECONDS)
    return -signal.SIGKILL if process.returncode is None else process.returncode


async def end_with_its_group(process: Process, patience_seconds: float) -> int:
    """The same for a process that leads a group of its own, and for what it started: nobody of the group is left."""
    if process.returncode is None and patience_seconds:
        _signal(process, signal.SIGTERM)
        await _ended(process, patience_seconds)
    _signal_group(process, signal.SIGKILL)
    return await end(process, 0.0)


async def end_whole_group(process: Process, patience_seconds: float) -> int:
    """The same, and all of the group are asked, as Ctrl-C in a terminal asks them: behind a wrapper is who does the work."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience_seconds):
            _signal_group(process, signal.SIGTERM)
            while _signal_group(process, 0):  # noqa: ASYNC110 - they are not our children
                await asyncio.sleep(POLL_SECONDS)
    return await end_with_its_group(process, 0.0)


async def _ended(process: Process, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await process.wait()


def _signal(process: Process, number: int) -> None:
    """Send it, not by `Process.send_signal`: that one reaps a process that has just ended, and its exit code is lost (255)."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, number)


def _signal_group(process: Process, number: int) -> bool:
    """Send it to all of the group; is anybody left of it?"""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def on_stop_signals(act: Callable[[], object], numbers: Sequence[signal.Signals] = STOP_SIGNALS) -> Iterator[None]:
    """Call `act` at each of these signals to us while the block runs; afterwards they do again what they did before."""
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        loop.add_signal_handler(number, act)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
            if before[number] is not None:
                signal.signal(number, before[number])
