"""Starts, watches and stops programs together; the kernel kills them if this process dies."""

import asyncio
import ctypes
import os
import re
import shlex
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import LabBrokeError
from harness.processes.ending import end_with_its_group

PROBE_SECONDS = 0.05
PATIENCE_SECONDS = 5.0
FIRST_LINES = 3
LAST_LINES = 9
CURES = {
    r"address already in use": "end what listens there (`ss -ltnp` shows it), and start the lab again",
    r"no space left on device|disk quota exceeded": "free the disk, and start the lab again",
    r"too many open files": "raise the limit (`ulimit -n 8192`), and start the lab again",
    r"unknown flag|flag provided but not defined|unrecognized arguments": (
        "this version does not know a flag: correct `flags` of the component in the lab file, or name another program"
    ),
    r"cannot allocate memory|out of memory": "free some memory, or leave components emulated",
}
CURE = "the command is in that log, to try it by hand"
SET_PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2)."""

_libc = ctypes.CDLL(None, use_errno=True)

Probe = Callable[[], Awaitable[bool]]


class ComponentDiedError(LabBrokeError):
    """A component ended that should have gone on; the text has its last words."""


@dataclass
class Running:
    """One program that was started.

    `begins` is where in its log it has begun, in bytes. `patience_seconds` is how long it may take to end after SIGTERM; 0: it is
    killed at once.
    """

    name: str
    process: Process
    log: Path
    begins: int
    patience_seconds: float

    def last_words(self) -> str:
        """Beginning and end of its log, indented: a program that is called wrongly says so first, and then how to call it."""
        lines = self.log.read_bytes()[self.begins :].decode(errors="replace").splitlines() if self.log.exists() else []
        if len(lines) > FIRST_LINES + LAST_LINES:
            lines = [*lines[:FIRST_LINES], "...", *lines[-LAST_LINES:]]
        return "\n".join(f"  {line}" for line in lines) or "  (nothing)"

    def died(self) -> ComponentDiedError:
        """What is raised when it has ended by itself."""
        code = self.process.returncode
        if code is None:
            how = "says nothing any more, and does not end"
        else:
            how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        said = self.last_words()
        return ComponentDiedError(f"{self.name} {how}; its last words ({self.log}):\n{said}\n{cure(said)}")


def cure(said: str) -> str:
    """What helps a component that said this before it ended."""
    return next((cure for pattern, cure in CURES.items() if re.search(pattern, said, re.IGNORECASE)), CURE)


class Supervisor:
    """Starts programs, each with a log in `logs`, and ends them in the opposite order."""

    def __init__(self, logs: Path) -> None:
        """Nothing runs yet."""
        self._logs = logs
        self._running: list[Running] = []
        logs.mkdir(parents=True, exist_ok=True)

    async def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str] | None = None,
        patience_seconds: float = PATIENCE_SECONDS,
        talks: bool = False,
    ) -> Running:
        """Start a program; `talks`: its standard output is for us (and its standard input an open pipe), not for the log.

        Raises LabBrokeError where it cannot be started at all.
        """
        log = self._logs / f"{name}.log"
        try:
            with log.open("ab") as output:
                output.write(f"$ {shlex.join(map(str, command))}\n".encode())
                output.flush()
                begins = output.tell()
                process = await asyncio.create_subprocess_exec(
                    *map(str, command),
                    stdin=PIPE if talks else DEVNULL,
                    stdout=PIPE if talks else output,
                    stderr=output,
                    env={**os.environ, **(environment or {})},
                    start_new_session=True,
                    # One that listens to us ends when its pipe does, and can then put things away.
                    preexec_fn=None if talks else die_with_parent,
                )
        except OSError as error:
            raise LabBrokeError(f"{name} cannot be started: {command[0]}: {error.strerror}") from error
        running = Running(name, process, log, begins, patience_seconds)
        self._running.append(running)
        return running

    async def until(self, probe: Probe, running: Running, seconds: float, *beside: Running) -> None:
        """Wait until the probe says yes. Raises ComponentDiedError as soon as the program, or one of those `beside` it, ends."""
        watched = (running, *beside)
        try:
            async with asyncio.timeout(seconds):
                while not await probe():
                    for each in watched:
                        if each.process.returncode is not None:
                            raise each.died()
                    await asyncio.sleep(PROBE_SECONDS)
        except TimeoutError:
            words = f"its last words ({running.log}):\n{running.last_words()}"
            raise LabBrokeError(f"{running.name} was not ready after {seconds:.0f} s; {words}") from None

    async def while_all_live(self, doing: Coroutine[Any, Any, None]) -> None:
        """Await `work`; raises ComponentDiedError if any running program ends before it."""
        done, dying = asyncio.ensure_future(doing), asyncio.ensure_future(self.until_one_dies())
        try:
            await asyncio.wait({done, dying}, return_when=asyncio.FIRST_COMPLETED)
            (done if done.done() else dying).result()
        finally:
            for each in (done, dying):
                each.cancel()
            await asyncio.gather(done, dying, return_exceptions=True)

    async def until_one_dies(self) -> None:
        """Wait until any program ends, and raise ComponentDiedError for it."""
        waits = {asyncio.ensure_future(each.process.wait()): each for each in self._running}
        try:
            ended, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            raise waits[ended.pop()].died()
        finally:
            for wait in waits:
                wait.cancel()

    async def stop(self) -> None:
        """Stop all programs, the last started first; kill those that do not end within their `patience_seconds`."""
        while self._running:
            running = self._running.pop()
            await end_with_its_group(running.process, running.patience_seconds)


def die_with_parent() -> None:
    """For a new process, before its program begins: have the kernel kill it when the one that started it ends."""
    _libc.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
