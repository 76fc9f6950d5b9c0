"""The sweep: which points there are, what a run tells of its point, the tables, and how a sweep goes on that was stopped."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from harness.cli.commands.sweep import JOBS_MAX
from harness.cli.main import main
from harness.errors import UsageError
from harness.exits import Exit
from harness.journal.facts import MoverEnded, MoverSaid, MoverStarted
from harness.journal.journal import Journal
from harness.move.leftovers import Leftovers, Snapshot
from harness.move.requests import REQUESTS_FILE, MoverRequest
from harness.sweep.outcome import PointOutcome, outcome_of
from harness.sweep.points import Choice, Point, points_of, struck_at, surveyed
from harness.sweep.survey import CrashPointCount, Survey, survey_of
from harness.sweep.sweep import DONE_FILE, Sweep, Swept, alone_in, sweep_directory, version_of
from harness.sweep.table import Result, covered, document, line, points_document, short
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
SCENARIO = ROOT / "scenarios" / "move_killed.yaml"
POINT = Point(7, "after", "kill")
COUNTED = Survey(
    25, (5, 6, 11, 20), dict.fromkeys((1, 2), "both sides"), (CrashPointCount("create", 1, 9), CrashPointCount("delete", 2, 3))
)
SWEPT = Swept("scenario", "lab", "clusterctl v1")
LIMIT_SECONDS = 60
SWEEP_SECONDS = 1200


def run_of(directory, *, verdict="pass", struck=True, code=-9, read=False):
    """A run directory as a point leaves it."""
    journal = Journal(directory)
    journal.record(MoverStarted(mover=1, origin="source", destination="target"))
    for began, phase in enumerate(("create", "delete", "resume"), 1):
        journal.record(MoverSaid(mover=1, line=phase, phase=phase), at=float(began))
    at = 2.5
    journal.record(MoverEnded(mover=1, code=code))
    journal.record(MoverStarted(mover=2, origin="source", destination="target"))
    journal.record(MoverEnded(mover=2, code=0))
    journal.close()
    (directory / "logs").mkdir()
    hosts = "/apis/metal3.io/v1alpha1/namespaces/metal3/baremetalhosts"
    requests = [
        MoverRequest(6, at, "target", "POST", hosts, 201, name="node-1"),
        MoverRequest(7, at, "source", "PATCH", f"{hosts}/node-1", 200, struck and not read),
        *([MoverRequest(8, at, "source", "GET", hosts, 200, struck)] if read else []),
    ]
    lines = [msgspec.json.encode(each) + b"\n" for each in requests]
    (directory / "logs" / REQUESTS_FILE).write_bytes(b"".join(lines))
    left = {"origin": {"baremetalhosts.metal3.io/node-1": ["marked"]}, "destination": {"baremetalhosts.metal3.io/node-1": []}}
    recovery = {"end": "both sides", "says": "both sides (3 objects)", "recipe": ["one", "two"], "at_risk": [], "left": left}
    (directory / "logs" / "recovery.json").write_bytes(msgspec.json.encode(recovery))
    check = {"check": "bmc_untouched", "host": "node-1", "verdict": verdict, "says": "why", "evidence": []}
    judged = {"verdict": verdict, "hosts": {"node-0": {"verdict": "pass"}, "node-1": {"verdict": verdict}}, "checks": [check]}
    (directory / "verdict.json").write_bytes(msgspec.json.encode(judged))
    return directory


def test_one_kill_strikes_for_all_between_two_writes_and_every_fifth_request_is_cut_off():
    points = points_of(COUNTED, Choice())

    assert sorted(point.name for point in points if point.by == "kill") == [
        "w0001-before-kill",
        "w0002-before-kill",
        "w0003-before-kill",
        "w0004-after-kill",
        "w0004-before-kill",
    ]
    assert sorted(point.name for point in points if point.by == "cut") == [
        f"{at:04}-{when}-cut" for at in (1, 6, 11, 16, 21) for when in ("after", "before")
    ]


def test_a_sample_takes_every_nth_of_both():
    points = points_of(COUNTED, Choice(every=3))

    assert sorted(point.name for point in points if point.by == "kill") == ["w0001-before-kill", "w0004-before-kill"]
    assert {point.at for point in points if point.by == "cut"} == set(range(1, 26, 3))


def test_each_kills_at_every_request_before_and_after():
    points = points_of(COUNTED, Choice(each=True, means=("kill",)))

    assert len(points) == len(set(points)) == 50
    assert {point.of for point in points} == {"requests"}


def test_a_part_of_a_move_can_be_swept_and_nothing_lies_beyond_its_end():
    assert {point.at for point in points_of(COUNTED, Choice(each=True, first=24, last=99))} == {24, 25}
    assert {point.name for point in points_of(COUNTED, Choice(first=6, last=11, means=("kill",)))} == {
        "w0002-before-kill",
        "w0003-before-kill",
    }


def test_points_come_in_one_mixed_order():
    points = points_of(COUNTED, Choice(each=True, every=1))

    assert points == points_of(COUNTED, Choice(each=True, every=1))
    assert points != sorted(points, key=lambda point: point.at)


def test_the_scenario_of_a_point_differs_in_the_point_alone():
    text = struck_at(SCENARIO, POINT)
    before, after = SCENARIO.read_text().splitlines(), text.splitlines()

    assert [new for old, new in zip(before, after, strict=True) if old != new] == [
        "  - under: {move_killed: {at: 7, when: after, by: kill}}"
    ]


def test_the_scenario_of_the_survey_holds_the_mover_instead():
    assert "  - under: {move_held: {}}" in surveyed(SCENARIO)


def test_a_point_that_counts_writes_says_so_in_its_scenario():
    assert "move_killed: {at: 3, of: writes, when: before, by: kill}" in struck_at(SCENARIO, Point(3, "before", "kill", "writes"))


@pytest.mark.parametrize("text", ["steps:\n  - move\n", "move_killed: {at: 1}\nmove_killed: {at: 2}\n"])
def test_a_scenario_that_has_not_just_one_point_is_refused(text, tmp_path):
    (tmp_path / "s.yaml").write_text(text)
    with pytest.raises(UsageError, match="once, on one line"):
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


def test_a_kill_stands_for_the_places_with_as_many_executed_writes():
    outcomes = [
        PointOutcome(POINT, writes=1),
        PointOutcome(POINT, writes=1),
        PointOutcome(POINT, writes=2, unexplained=["somebody wrote"]),
    ]
    survey = Survey(
        4,
        (2, 3),
        {0: "nothing moved", 1: "both sides", 2: "both sides"},
        (CrashPointCount("pause", 0, 3), CrashPointCount("create", 1, 2), CrashPointCount("create", 2, 3)),
    )

    assert covered(survey, outcomes) == {("create", "both sides"): 2}


def test_a_survey_tells_of_each_place_what_a_kill_there_would_leave(tmp_path):
    run = run_of(tmp_path / "run", struck=False, read=True)
    host = "baremetalhosts.metal3.io/node-1"
    looks = [Snapshot(6, "source paused", Leftovers({host: []})), Snapshot(7, "both sides", Leftovers({host: []}, {host: []}))]
    (run / "logs" / "survey.jsonl").write_bytes(b"".join(msgspec.json.encode(look) + b"\n" for look in looks))

    assert survey_of(run) == Survey(
        3,
        (6, 7),
        {0: "source paused", 1: "both sides", 2: "both sides"},
        (CrashPointCount("delete", 0, 1), CrashPointCount("delete", 1, 2), CrashPointCount("delete", 2, 3)),
    )
    (run / "logs" / "survey.jsonl").write_bytes(msgspec.json.encode(Snapshot(7, "both sides", Leftovers({host: []}))) + b"\n")
    blind = survey_of(run)
    assert blind.end(0) == "not looked at"
    assert blind.unexplained == {7: [f"{host} is not in the destination; the writes put it there"]}
    assert "**the whole move, before request 7**" in document(Result("clusterctl v1", "lab", blind, []))


def test_a_state_that_the_writes_do_not_explain_stands_for_nothing_else(tmp_path):
    run, point = run_of(tmp_path / "run", read=True), Point(8, "after", "kill")
    assert covered(COUNTED, [outcome_of(point, run)])
    file = run / "logs" / "recovery.json"
    file.write_bytes(file.read_bytes().replace(b'"marked"', b'"dying"'))
    outcome = outcome_of(point, run)

    assert outcome.unexplained == ["baremetalhosts.metal3.io/node-1 is dying in the origin; by the writes it would be marked"]
    assert not covered(COUNTED, [outcome])
    assert "## What the writes do not explain" in document(Result("clusterctl v1", "lab", COUNTED, [outcome]))
    assert "| no |" in points_document([outcome])


def test_the_tables_tell_each_point_and_why_one_did_not_pass(tmp_path):
    good, bad = outcome_of(POINT, run_of(tmp_path / "good")), outcome_of(POINT, run_of(tmp_path / "bad", verdict="fail"))
    text = document(Result("clusterctl v1", "lab", COUNTED, [good, bad, PointOutcome(POINT)]))
    points = points_document([good, bad])

    start = (
        "| 0007-after-kill | 7 PATCH baremetalhosts/node-1 (source) | delete | SIGKILL after | signal 9 | both sides | yes, 2 |"
    )
    assert f"{start} 2 of 2 | pass |" in points
    assert f"{start} 1 of 2 | fail |" in points
    assert "| create | both sides | 9 | 0 | 0 |  |  |  |" in text
    assert "| delete | both sides | 3 | 3 | 2 | 7 to 7 | 1 of 2 | 1 pass, 1 fail |" in text
    assert "- fail: node-1: bmc_untouched: why" in text
    assert "**both sides** (2 points)\n\n1. one\n2. two" in text
    assert "recovered: 2 points, 2 by SIGKILL and 0 by a cut of the network." in text
    assert (
        "The kills stand for 3 of the places, those with as many writes executed; 2 of 2 left what was found there in the whole move."
        in text
    )
    assert "unharmed, and adopted in the end: 1 of 2 points" in text
    assert line(good) == "request 7 after kill: delete: both sides: pass"


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


def test_a_sweep_goes_on_where_it_was_stopped(tmp_path):
    """What was struck is told of its run; what was not is: here its run cannot even begin, and breaks."""
    directory = sweep_directory(tmp_path / "out", SWEPT)
    struck, other = POINT, Point(8, "after", "kill")
    run_of(directory / struck.name / "run")
    (directory / struck.name / DONE_FILE).touch()
    (directory / other.name).mkdir()
    (directory / other.name / "left-of-a-stopped-run").touch()
    told = []
    sweep = Sweep(SCENARIO, ROOT / "lab.yaml", sweep_directory(tmp_path / "out", SWEPT), 1, ("/bin/false",))
    asyncio.run(sweep.outcomes([struck, other], told.append))

    assert [(outcome.point, outcome.verdict) for outcome in told] == [(struck, "pass"), (other, "broke"), (other, "broke")]
    assert not (directory / other.name / "left-of-a-stopped-run").exists()
    assert (directory / f"{other.name}-again" / DONE_FILE).exists()


def test_another_sweep_does_not_go_on_in_the_same_directory(tmp_path):
    sweep_directory(tmp_path / "out", SWEPT)
    with pytest.raises(UsageError, match="a sweep with another lab and mover is there"):
        sweep_directory(tmp_path / "out", Swept("scenario", "other", "clusterctl v2"))


def test_two_sweeps_in_one_directory_are_refused_and_one_after_the_other_is_not(tmp_path):
    directory = sweep_directory(tmp_path / "swept", SWEPT)
    with alone_in(directory), pytest.raises(UsageError, match="another sweep is at work in it"), alone_in(directory):
        pass
    with alone_in(directory):
        assert sweep_directory(directory, SWEPT) == directory


def test_a_clusterctl_that_does_not_tell_its_version_is_refused():
    assert version_of(None) == "our own mover"
    with pytest.raises(UsageError, match="does not tell its version"):
        version_of(Path("/bin/false"))


@pytest.mark.parametrize("arguments", [["--every", "0"], ["--jobs", str(JOBS_MAX + 1)], ["--from", "x"]])
def test_numbers_that_cannot_be_meant_are_refused(arguments, capsys):
    assert main(["sweep", *arguments]) == Exit.REFUSED
    assert arguments[0] in capsys.readouterr().err


def test_the_documented_sweep_is_what_its_outcomes_say():
    result = msgspec.json.decode((ROOT / "docs" / "crash-points.json").read_bytes(), type=Result)
    _, table = document(result).split("\n\n", 1)

    assert table in (ROOT / "docs" / "crash-points.md").read_text()


@pytest.mark.slow
@pytest.mark.timeout(SWEEP_SECONDS + LIMIT_SECONDS)
def test_the_end_of_a_move_is_swept(tmp_path):
    """Our own mover; one whole move looked at, and some points of its end struck."""
    out = tmp_path / "out"
    command = [sys.executable, "-m", "harness", "sweep", "--out", str(out), "--from", "700", "--every", "80"]
    with (tmp_path / "screen").open("wb") as screen:
        sweep = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PATH": "/usr/bin:/bin"}, stdout=screen, stderr=screen)
    try:
        sweep.wait(SWEEP_SECONDS)
    finally:
        sweep.terminate()
        sweep.wait(LIMIT_SECONDS)
    points = (out / "points.md").read_text().splitlines()[4:]

    assert points, (tmp_path / "screen").read_text()
    assert all("| 3 of 3 | pass |" in point for point in points), points
    assert "not looked at" not in (out / "sweep.md").read_text()
    assert "past the point of no return" in (out / "sweep.md").read_text()


def test_a_sweep_that_is_stopped_leaves_no_run_behind(tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "harness", "sweep", "--out", str(out)]
    with (tmp_path / "screen").open("wb") as screen:
        sweep = subprocess.Popen(command, cwd=ROOT, stdout=screen, stderr=screen)
    runs = wait_until(
        lambda: (out / "whole" / "screen.txt").exists() and children_of(sweep.pid), (tmp_path / "screen").read_text, LIMIT_SECONDS
    )
    sweep.send_signal(signal.SIGTERM)

    assert sweep.wait(LIMIT_SECONDS) == Exit.INTERRUPTED
    assert not [number for number in runs if Path(f"/proc/{number}").exists()]


def children_of(parent):
    try:
        return [int(number) for number in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    except OSError:
        return []
