"""A process that does not end because we do: it has a session of its own, and its output goes to a file."""

import asyncio
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

POLL_SECONDS = 0.01
"""So often its end is asked for: whoever waits by the loop's own means would have it killed when the loop ends."""
_LEFT: list["Child"] = []
"""Those that go on after us, held so that nobody tidies them up."""


class Child:
    """A started process; `output` is the descriptor that takes its standard error, its other streams are nobody's.

    Raises OSError where the command cannot be started.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], output: int) -> None:
        # A session of its own: neither Ctrl-C nor the end of our terminal must reach it before we have decided to.
        self._process = subprocess.Popen(  # noqa: S603 - the command of the lab file
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=output,
            env=dict(environment),
            start_new_session=True,
        )
        self.pid = self._process.pid
        self.began = start_of(self.pid)
        """When it was started, in clock ticks since the machine's own start; 0 where the system does not tell."""

    @property
    def returncode(self) -> int | None:
        """Its exit code (negative: the signal that ended it), None while it runs."""
        return self._process.poll()

    async def wait(self) -> int:
        """Wait for its end; the exit code."""
        while (code := self.returncode) is None:  # noqa: ASYNC110 - a process that must outlive the loop tells the loop nothing
            await asyncio.sleep(POLL_SECONDS)
        return code

    def leave(self) -> None:
        """Let it go on after us; nobody will know its exit code."""
        _LEFT.append(self)


def start_of(pid: int) -> int:
    """When the process with this number was started, in clock ticks since the machine's own start; 0 where there is none (proc(5))."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    state, *fields = text.rpartition(")")[2].split()
    return 0 if state == "Z" else int(fields[18])


def is_same_process(pid: int, began: int) -> bool:
    """Does the process still run that had this number, and was started then?"""
    if not began:
        return _is_there(pid)
    return start_of(pid) == began


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
