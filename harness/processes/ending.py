"""How a process of ours ends: asked first and killed if it does not obey; and what SIGINT and SIGTERM to ourselves do."""

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import Process
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


async def end(process: Process, patience_seconds: float, *, whole_group: bool = False) -> int:
    """Send SIGTERM, and SIGKILL where the process still lives after `patience_seconds` (0: at once); its exit code.

    `whole_group`: the SIGKILL goes to all that the process has started in its session, which must be its own.
    """
    if process.returncode is None and patience_seconds:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), patience_seconds)
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if whole_group else os.kill)(process.pid, signal.SIGKILL)
    return await process.wait()


@contextmanager
def on_stop_signals(act: Callable[[], object]) -> Iterator[None]:
    """Call `act` at each SIGINT and SIGTERM while the block runs; afterwards they do again what Python lets them do."""
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, act)
    try:
        yield
    finally:
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)
