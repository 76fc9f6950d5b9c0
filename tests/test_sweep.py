"""The sweep: which points there are, what a run tells of its point, and the table."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from harness.cli import main
from harness.exits import Exit, RefusedError
from harness.facts import MoverEnded, MoverSaid, MoverStarted
from harness.journal import Journal
from harness.mover_proxy import REQUESTS_FILE, MoverRequest
from harness.sweep import Counted, Outcome, Point, outcome_of, points_of, struck_at
from harness.sweep_table import document, line, short

ROOT = Path(__file__).parents[1]
SCENARIO = ROOT / "scenarios" / "move_killed.yaml"
POINT = Point(7, "after", "kill")
LIMIT_SECONDS = 60


def run_of(directory, *, verdict="pass", struck=True, code=-9):
    """A run directory as a point leaves it."""
    journal = Journal(directory)
    journal.record(MoverStarted(mover=1, origin="source", destination="target"))
    for phase in ("create", "delete"):
        journal.record(MoverSaid(mover=1, line=phase, phase=phase))
    at = journal.now()
    journal.record(MoverSaid(mover=1, line="resume", phase="resume"))
    journal.record(MoverEnded(mover=1, code=code))
    journal.record(MoverStarted(mover=2, origin="source", destination="target"))
    journal.record(MoverEnded(mover=2, code=0))
    journal.close()
    (directory / "logs").mkdir()
    request = MoverRequest(
        7, at, "source", "PATCH", "/apis/metal3.io/v1alpha1/namespaces/metal3/baremetalhosts/node-1", 200, struck
    )
    (directory / "logs" / REQUESTS_FILE).write_bytes(msgspec.json.encode(request) + b"\n")
    recovery = {"end": "both sides", "says": "both sides (3 objects)", "recipe": ["one", "two"], "at_risk": []}
    (directory / "logs" / "recovery.json").write_bytes(msgspec.json.encode(recovery))
    check = {"check": "bmc_untouched", "host": "node-1", "verdict": verdict, "says": "why", "evidence": []}
    judged = {"verdict": verdict, "hosts": {"node-0": {"verdict": "pass"}, "node-1": {"verdict": verdict}}, "checks": [check]}
    (directory / "verdict.json").write_bytes(msgspec.json.encode(judged))
    return directory


def test_every_nth_request_is_struck_before_and_after_by_a_kill_and_by_a_cut():
    points = points_of(25, every=10, first=1, last=None)

    assert sorted({point.at for point in points}) == [1, 11, 21]
    assert len(points) == len(set(points)) == 12


def test_a_part_of_a_move_can_be_swept_and_nothing_lies_beyond_its_end():
    assert sorted({point.at for point in points_of(25, every=1, first=24, last=99)}) == [24, 25]
    assert sorted({point.at for point in points_of(25, every=1, first=3, last=4)}) == [3, 4]


def test_the_scenario_of_a_point_differs_in_the_point_alone():
    text = struck_at(SCENARIO, POINT)
    before, after = SCENARIO.read_text().splitlines(), text.splitlines()

    assert [new for old, new in zip(before, after, strict=True) if old != new] == [
        "  - under: {move_killed: {at: 7, when: after, by: kill}}"
    ]


@pytest.mark.parametrize("text", ["steps:\n  - move\n", "move_killed: {at: 1}\nmove_killed: {at: 2}\n"])
def test_a_scenario_that_has_not_just_one_point_is_refused(text, tmp_path):
    (tmp_path / "s.yaml").write_text(text)
    with pytest.raises(RefusedError, match="once, on one line"):
        struck_at(tmp_path / "s.yaml", POINT)


def test_a_run_tells_its_request_its_phase_then_its_end_and_its_hosts(tmp_path):
    outcome = outcome_of(POINT, run_of(tmp_path / "run"))

    assert outcome.request is not None
    assert (outcome.request.method, outcome.phase, outcome.code) == ("PATCH", "delete", -9)
    assert (outcome.end, outcome.recipe, outcome.verdict) == ("both sides", ["one", "two"], "pass")
    assert outcome.hosts == {"node-0": "pass", "node-1": "pass"}


def test_a_run_without_a_verdict_broke_and_one_that_ended_before_its_point_met_nothing(tmp_path):
    assert outcome_of(POINT, tmp_path / "nowhere").verdict == "broke"
    assert outcome_of(POINT, run_of(tmp_path / "run", verdict="unknown", struck=False)).verdict == "not met"
    assert outcome_of(POINT, run_of(tmp_path / "seen", verdict="unknown")).verdict == "unknown"


def test_the_table_tells_each_point_and_why_one_did_not_pass(tmp_path):
    good, bad = outcome_of(POINT, run_of(tmp_path / "good")), outcome_of(POINT, run_of(tmp_path / "bad", verdict="fail"))
    text = document(Counted(700, "clusterctl"), [good, bad, Outcome(POINT)], every=10, lab="lab")

    assert "| 7 | PATCH baremetalhosts/node-1 (source) | delete | SIGKILL after | signal 9 | both sides | 2 of 2 | pass |" in text
    assert "| both sides | 1 of 2 | fail |" in text
    assert "- fail: node-1: bmc_untouched: why" in text
    assert "**both sides** (2 points, requests 7 to 7)\n\n1. one\n2. two" in text
    assert "All hosts unharmed and adopted: 1." in text
    assert line(good, 1, 3) == "[1/3] request 7 after kill: delete: both sides: pass"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/api/v1/namespaces/metal3", "namespaces/metal3"),
        ("/api/v1/namespaces/metal3/secrets", "secrets"),
        ("/apis/metal3.io/v1alpha1/namespaces/metal3/hardwaredata/node-1", "hardwaredata/node-1"),
        ("/apis", "apis"),
    ],
)
def test_a_path_is_told_by_its_end(path, said):
    assert short(path) == said


def test_a_lab_that_is_there_already_is_refused(tmp_path, capsys):
    for side in ("source", "target"):
        (tmp_path / f"{side}.kubeconfig").write_text("{}")
    lab = "clusters:\n  source: {kubeconfig: source.kubeconfig}\n  target: {kubeconfig: target.kubeconfig}\n"
    (tmp_path / "lab.yaml").write_text(lab)

    assert main(["sweep", str(SCENARIO), "--lab", str(tmp_path / "lab.yaml"), "--out", str(tmp_path / "out")]) == Exit.REFUSED
    assert "a sweep needs a fresh lab" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("arguments", [["--every", "0"], ["--jobs", "3"], ["--from", "x"]])
def test_numbers_that_cannot_be_meant_are_refused(arguments, capsys):
    assert main(["sweep", *arguments]) == Exit.REFUSED
    assert arguments[0] in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_end_of_a_move_is_swept(tmp_path):
    environment = os.environ | {"PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-m", "harness", "sweep", "--out", str(tmp_path / "out"), "--from", "700", "--every", "200"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=390, check=False)
    text = (tmp_path / "out" / "sweep.md").read_text()

    assert "past the point of no return" in text, done.stdout + done.stderr
    assert text.count("3 of 3") == 4


def test_a_sweep_that_is_stopped_leaves_no_run_behind(tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "harness", "sweep", "--out", str(out)]
    with (tmp_path / "screen").open("wb") as screen:
        sweep = subprocess.Popen(command, cwd=ROOT, stdout=screen, stderr=screen)
    until = time.monotonic() + LIMIT_SECONDS
    while not (out / "whole" / "screen.txt").exists() or not children_of(sweep.pid):
        assert time.monotonic() < until, (tmp_path / "screen").read_text()
        time.sleep(0.05)
    runs = children_of(sweep.pid)
    sweep.send_signal(signal.SIGTERM)

    assert sweep.wait(LIMIT_SECONDS) == Exit.INTERRUPTED
    assert not [number for number in runs if Path(f"/proc/{number}").exists()]


def children_of(parent):
    try:
        return [int(number) for number in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    except OSError:
        return []
