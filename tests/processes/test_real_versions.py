"""Pivots on the releases that can be chosen: those that were built on this machine."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.lab.file import load_lab
from harness.lab.model import EmbeddedLab
from harness.processes.programs import build
from harness.processes.programs.prepare import releases

ROOT = Path(__file__).parents[2]
RUN_SECONDS = 600
CHOICES = (
    "kubernetes: 1.33",
    "kubernetes: 1.34",
    "kubernetes: 1.35",
    "cluster-api: 1.13",
    "kubernetes: {source: 1.33, target: 1.36}, cluster-api: {source: 1.13, target: 1.14}",
)

pytestmark = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.timeout(RUN_SECONDS),
    pytest.mark.xdist_group("real-lab"),
]


@pytest.fixture(params=CHOICES)
def lab(request, tmp_path) -> Path:
    """A lab file with this choice; skipped where it would have to be built first."""
    path = tmp_path / "lab.yaml"
    path.write_text(f"components: {{capi: pinned, {request.param}}}\nembedded: {{hosts: 2, spares: 0, speed: 5}}\n")
    read = load_lab(path)
    assert isinstance(read, EmbeddedLab)
    assert read.components
    if missing := build.missing(releases(read.components).values()):
        pytest.skip(f"{missing[0].name} {missing[0].version} is not built; `harness lab up` with `{request.param}` builds it")
    return path


@pytest.mark.parametrize(("scenario", "ends"), [("pivot", {"pass"}), ("pivot_status_lost", {"pass", "fail"})])
def test_a_good_pivot_passes_and_a_lost_status_is_found(lab, tmp_path, scenario, ends):
    command = [sys.executable, "-m", "harness", "run", scenario, "--lab", str(lab), "--out", str(tmp_path / "run")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
    verdict = json.loads((tmp_path / "run" / "verdict.json").read_text())

    assert {host["verdict"] for host in verdict["hosts"].values()} == ends, done.stdout + done.stderr
    assert done.returncode == (1 if "fail" in ends else 0)
