"""Ctrl-C in a run: in the middle of a move it is asked, on a terminal, what shall become of the mover; a second Ctrl-C decides."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from harness.bench.bench import Bench
from harness.journal.entry import Entry
from harness.journal.facts import MoverEnded, MoverStarted
from harness.processes.ending import STOP_SIGNALS, on_stop_signals

ENDED = tuple(number for number in STOP_SIGNALS if number != signal.SIGINT)
LEAVE, STOP = "leave", "stop"


def running_mover(entries: list[Entry]) -> MoverStarted | None:
    """The mover that was started and whose end was not seen."""
    ended = {entry.fact.mover for entry in entries if isinstance(entry.fact, MoverEnded)}
    started = (entry.fact for entry in reversed(entries) if isinstance(entry.fact, MoverStarted))
    return next((fact for fact in started if fact.mover not in ended), None)


@contextmanager
def stopped_by_signals(stop: Callable[[], object], bench: Bench) -> Iterator[None]:
    """Call `stop` at SIGTERM and SIGHUP, and at Ctrl-C where nothing is asked or the answer wants it, while the block runs."""
    question = _Question(stop, bench)
    with on_stop_signals(stop, ENDED), on_stop_signals(question.interrupted, (signal.SIGINT,)):
        try:
            yield
        finally:
            question.close()


class _Question:
    """What is asked at the first Ctrl-C."""

    def __init__(self, stop: Callable[[], object], bench: Bench) -> None:
        self._stop = stop
        self._bench = bench
        self._asked = False

    def interrupted(self) -> None:
        """Ask where a mover runs and somebody is there to answer; a second time, and anywhere else, stop."""
        mover = running_mover(self._bench.journal.entries)
        if mover is None or self._asked or not is_answered():
            self._stop()
            return
        self._asked = True
        default = "is stopped, and the move stands half-way" if self._bench.ends_mover else "goes on without us"
        sys.stderr.write(
            f"\na move is going on (its mover is process {mover.pid}). Shall the run be broken off?\n"
            f"  {LEAVE}: yes, and the mover goes on without us; {STOP}: yes, and the mover is stopped, half-way\n"
            f"  Enter: no, go on; Ctrl-C again: yes, and the mover {default}\n"
        )
        sys.stderr.flush()
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), self._answered)

    def _answered(self) -> None:
        said = os.read(sys.stdin.fileno(), 256).decode(errors="replace").strip()
        self.close()
        if said in (LEAVE, STOP):
            self._bench.ends_mover = said == STOP
            self._stop()
            return
        self._asked = False
        sys.stderr.write("the run goes on\n")

    def close(self) -> None:
        """Listen to the terminal no more."""
        with contextlib.suppress(ValueError, OSError):
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())


def is_answered() -> bool:
    """Is there a terminal, in front of which we are?"""
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
        return False
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except OSError:
        return True
