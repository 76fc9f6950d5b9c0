"""The first Ctrl-C in a move asks, on a terminal; the answer, or a second one, decides."""

import os
import pty
import subprocess
from contextlib import contextmanager

import pytest

from harness.journal.facts import MoverEnded, MoverSaid, MoverStarted
from harness.journal.run_directory import entries_of
from harness.processes.child import is_same_process
from tests.run.broken_off.begun import COMMAND, ENVIRONMENT, lab, wait
from tests.run_on_lab import ROOT, RUN_SECONDS

__all__ = ["lab"]
pytestmark = [pytest.mark.timeout(200), pytest.mark.slow]
CTRL_C = b"\x03"


class Terminal:
    """A run at a terminal of its own."""

    def __init__(self, process, place) -> None:
        self.process = process
        self._place = place
        self.screen = ""

    def types(self, keys: bytes) -> None:
        os.write(self._place, keys)

    def shows(self, text: str) -> None:
        while text not in self.screen:
            self.read()

    def ends(self) -> int:
        while self.process.poll() is None:
            self.read()
        return self.process.returncode

    def read(self) -> None:
        try:
            self.screen += os.read(self._place, 1 << 16).decode(errors="replace")
        except OSError:  # nobody has the other end any more
            self.process.wait(RUN_SECONDS)


@contextmanager
def run_in_a_move(lab, run, *options):
    """A pivot whose mover pauses the Cluster just now."""
    ours, theirs = pty.openpty()
    command = [*COMMAND, "run", "pivot", "--lab", str(lab), "--out", str(run), *options]
    streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    process = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, **streams, preexec_fn=lambda: os.login_tty(0))  # noqa: PLW1509
    os.close(theirs)
    try:
        wait(lambda: any(isinstance(it.fact, MoverSaid) and it.fact.phase == "pause" for it in entries_of(run)), "the pause")
        terminal = Terminal(process, ours)
        terminal.types(CTRL_C)
        terminal.shows("Ctrl-C again: yes, and the mover goes on without us")
        yield terminal
    finally:
        process.kill()
        process.wait(RUN_SECONDS)
        os.close(ours)


def mover(run) -> MoverStarted:
    return next(it.fact for it in entries_of(run) if isinstance(it.fact, MoverStarted))


def ends(run) -> list[int]:
    return [it.fact.code for it in entries_of(run) if isinstance(it.fact, MoverEnded)]


def test_stop_ends_the_mover(tmp_path, lab):
    with run_in_a_move(lab, tmp_path / "run") as terminal:
        terminal.types(b"stop\n")
        assert terminal.ends() == 130
    assert ends(tmp_path / "run") == [-15]
    assert f"what leads on, tells `harness recover {tmp_path / 'run'}`" in terminal.screen


@pytest.mark.parametrize("keys", [b"leave\n", CTRL_C])
def test_leave_lets_the_mover_go_on_and_so_does_a_second_one(tmp_path, lab, keys):
    with run_in_a_move(lab, tmp_path / "run") as terminal:
        terminal.types(keys)
        assert terminal.ends() == 130
    assert ends(tmp_path / "run") == []
    left = mover(tmp_path / "run")
    assert f"the mover goes on without us (process {left.pid})" in terminal.screen
    wait(lambda: not is_same_process(left.pid, left.pid_began), "the end of the mover")


def test_enter_lets_the_run_go_on_to_its_end(tmp_path, lab):
    with run_in_a_move(lab, tmp_path / "run") as terminal:
        terminal.types(b"\n")
        terminal.shows("the run goes on")
        assert terminal.ends() == 0
    assert ends(tmp_path / "run") == [0]
