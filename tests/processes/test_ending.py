"""How a process of ours ends, and what our own signals do meanwhile."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from contextlib import suppress

import pytest

from harness.processes.ending import end, end_with_its_group, on_stop_signals

OBEYS = "print(flush=True); import signal; signal.pause()"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause(); signal.pause()"
FAMILY = "import subprocess, sys, signal; print(subprocess.Popen(['sleep', '60']).pid, flush=True); signal.pause()"


async def started(code, **options):
    """A process that has said its first line, and the line."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=PIPE, **options)
    return process, await process.stdout.readline()


@pytest.mark.parametrize(
    ("code", "patience", "number"),
    [(OBEYS, 60.0, signal.SIGTERM), (DEAF, 0.1, signal.SIGKILL), (OBEYS, 0.0, signal.SIGKILL)],
)
async def test_it_is_asked_and_killed_only_if_it_does_not_obey_in_time(code, patience, number):
    process, _ = await started(code)
    assert await end(process, patience) == -number


async def test_one_that_has_ended_keeps_its_exit_code():
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "raise SystemExit(7)")
    await process.wait()
    assert await end(process, 60.0) == 7


async def test_one_that_ended_unnoticed_keeps_its_exit_code():
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "raise SystemExit(7)")
    with suppress(ChildProcessError):
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # noqa: ASYNC222 - it is dead, and the event loop must not be told
    assert await end(process, 0.0) == 7


async def test_a_whole_group_is_killed_with_what_it_started():
    process, line = await started(FAMILY, start_new_session=True)
    assert await end_with_its_group(process, 0.0) == -signal.SIGKILL
    assert await process.stdout.read() == b""  # the child held the other end of the pipe, so it is gone
    assert int(line) != process.pid


async def test_stop_signals_act_within_the_block_and_not_after_it():
    stopped = asyncio.Event()
    before = signal.getsignal(signal.SIGTERM)
    with on_stop_signals(stopped.set):
        os.kill(os.getpid(), signal.SIGTERM)
        await stopped.wait()
        stopped.clear()
        os.kill(os.getpid(), signal.SIGINT)
        await stopped.wait()
    assert signal.getsignal(signal.SIGTERM) == before
