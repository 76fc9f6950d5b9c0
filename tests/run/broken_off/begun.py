"""A run on a lab that lives on, begun to be broken off."""

import os
import subprocess
import sys
import time

import pytest

from tests.run_on_lab import ROOT, RUN_SECONDS

COMMAND = [sys.executable, "-m", "harness"]
ENVIRONMENT = os.environ | {"PATH": "/usr/bin:/bin"}
LOOK_SECONDS = 0.01


def harness(*arguments) -> subprocess.CompletedProcess[str]:
    """A command of the harness, without a clusterctl that happens to be on PATH."""
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)


def begun(lab, run, *options) -> subprocess.Popen[str]:
    """A pivot, on its way."""
    command = [*COMMAND, "run", "pivot", "--lab", str(lab), "--out", str(run), *options]
    return subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


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
