"""A run that ends in a move, however it ends, does not end the mover; `harness recover` says where the move stands."""

import os
import signal
import subprocess
import sys
import time

import pytest

from harness.journal.facts import MoverEnded, MoverSaid, MoverStarted
from harness.journal.run_directory import entries_of
from harness.processes.child import is_same_process
from tests.run_on_lab import ROOT, RUN_SECONDS

pytestmark = [pytest.mark.timeout(2 * RUN_SECONDS)]
COMMAND = [sys.executable, "-m", "harness"]
ENVIRONMENT = os.environ | {"PATH": "/usr/bin:/bin"}
LOOK_SECONDS = 0.01


def harness(*arguments) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)


@pytest.fixture
def lab(tmp_path):
    """A lab that goes on after a run, slow enough that a move can be met."""
    (tmp_path / "lab.yaml").write_text("embedded: {hosts: 2, spares: 0, speed: 5, seed: 1}\n")
    up = harness("lab", "up", "--lab", tmp_path / "lab.yaml", "--dir", tmp_path / "lab", "--detach")
    assert up.returncode == 0, up.stderr
    yield tmp_path / "lab" / "lab.yaml"
    harness("lab", "down", tmp_path / "lab")


def wait(holds, what):
    """Wait, in a test without a loop, until this holds."""
    until = time.monotonic() + RUN_SECONDS
    while not (found := holds()):
        assert time.monotonic() < until, what
        time.sleep(LOOK_SECONDS)
    return found


def broken_off(lab, run, number, *options) -> MoverStarted:
    """Begin a pivot, and end it by this signal when its mover pauses the Cluster; the mover."""
    command = [*COMMAND, "run", "pivot", "--lab", str(lab), "--out", str(run), *options]
    process = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def pauses():
        return any(isinstance(entry.fact, MoverSaid) and entry.fact.phase == "pause" for entry in entries_of(run))

    wait(pauses, "the pause")
    process.send_signal(number)
    process.wait(RUN_SECONDS)
    return next(entry.fact for entry in entries_of(run) if isinstance(entry.fact, MoverStarted))


@pytest.mark.parametrize(
    "number",
    [signal.SIGKILL, *(pytest.param(it, marks=pytest.mark.slow) for it in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT))],
)
def test_the_mover_goes_on_to_its_end_and_recover_says_that_all_has_arrived(tmp_path, lab, number):
    mover = broken_off(lab, tmp_path / "run", number)
    assert not [entry for entry in entries_of(tmp_path / "run") if isinstance(entry.fact, MoverEnded)]
    first = harness("recover", tmp_path / "run")
    assert "left alone" in first.stdout or "stands at: complete" in first.stdout, first.stdout + first.stderr
    wait(lambda: not is_same_process(mover.pid, mover.pid_began), "the end of the mover")
    told = wait(lambda: (it := harness("recover", tmp_path / "run")).returncode == 0 and it, "every host to be taken over").stdout
    assert "the move from source to target stands at: complete" in told
    assert not list((tmp_path / "run" / "logs").glob("*.raw"))


def test_a_mover_that_shall_be_stopped_is_and_recover_tells_the_way_on(tmp_path, lab):
    mover = broken_off(lab, tmp_path / "run", signal.SIGTERM, "--on-interrupt", "stop")
    assert not is_same_process(mover.pid, mover.pid_began)
    told = harness("recover", tmp_path / "run")
    assert told.returncode == 3
    assert "the move from source to target stands at: " in told.stdout
    assert "1. " in told.stdout
    assert "left: scale " in told.stdout
