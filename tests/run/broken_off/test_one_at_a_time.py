"""Two runs at once: one writes, the other is told who holds the lab, and nothing of its own is left."""

import os
import re
import signal
import subprocess
import time

import pytest

from harness.bench.leases.lease import DURATION_SECONDS
from harness.journal.facts import StepBegan, WriteDone, WriteIntended
from harness.journal.run_directory import entries_of
from tests.run.broken_off.begun import COMMAND, ENVIRONMENT, begun, harness, lab, wait
from tests.run_on_lab import ROOT, RUN_SECONDS

__all__ = ["lab"]
pytestmark = pytest.mark.timeout(300)
STORY = "steps:\n  - stop_bmo: {cluster: target}\n"
RACES = 20


def written(run) -> list[str]:
    """What a run wrote beside its Leases."""
    facts = [entry.fact for entry in entries_of(run)]
    done = {fact.write for fact in facts if isinstance(fact, WriteDone) and fact.ok}
    return [it.what for it in facts if isinstance(it, WriteIntended) and it.write in done and not it.write.startswith("lease-")]


def race(place, lab) -> list[int]:
    """Two runs begun at once; their exit codes."""
    (place / "story.yaml").write_text(STORY)
    commands = [[*COMMAND, "run", place / "story.yaml", "--lab", lab, "--out", place / name] for name in ("a", "b")]
    told = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    both = [subprocess.Popen([*map(str, command)], cwd=ROOT, env=ENVIRONMENT, **told) for command in commands]
    return [process.wait(RUN_SECONDS) for process in both]


@pytest.mark.parametrize("races", [1, pytest.param(RACES, marks=pytest.mark.slow)])
def test_of_two_runs_at_the_same_instant_one_writes(tmp_path, lab, races):
    for number in range(races):
        place = tmp_path / f"{number}"
        place.mkdir()
        codes = race(place, lab)
        assert codes.count(4) == 1, codes
        loser, winner = ("a", "b") if codes[0] == 4 else ("b", "a")
        assert written(place / loser) == []
        assert len(written(place / winner)) == 1


@pytest.mark.slow
def test_a_run_that_is_alive_is_not_led_on_and_the_next_one_is_told_who_holds_the_lab(tmp_path, lab):
    process = begun(lab, tmp_path / "a")
    wait(lambda: any(isinstance(it.fact, StepBegan) for it in entries_of(tmp_path / "a")), "a step")
    second = harness("run", "pivot", "--lab", lab, "--out", tmp_path / "b")
    assert second.returncode == 4
    last = second.stderr.splitlines()[-1]
    assert re.match(rf"the (source|target) is held by .*/{process.pid}/.* \(run {tmp_path / 'a'}\), since 20", last), last
    assert not (tmp_path / "b" / "verdict.json").exists()
    alive = harness("recover", tmp_path / "a")
    assert alive.returncode == 4
    assert f"the run is not over, its journal is held by process {process.pid}, since 20" in alive.stderr
    process.communicate(timeout=RUN_SECONDS)
    assert process.returncode == 0


@pytest.mark.slow
def test_a_run_that_was_stopped_for_longer_than_its_lease_writes_nothing_more(tmp_path, lab):
    process = begun(lab, tmp_path / "a")
    wait(lambda: any(isinstance(it.fact, StepBegan) for it in entries_of(tmp_path / "a")), "a step")
    os.kill(process.pid, signal.SIGSTOP)
    before = len(written(tmp_path / "a"))
    try:
        assert harness("run", "pivot", "--lab", lab, "--out", tmp_path / "b").returncode == 4
        wait(lambda: time_is_over(tmp_path), "the Lease to expire")
        (tmp_path / "story.yaml").write_text(STORY)
        taking = harness("run", tmp_path / "story.yaml", "--lab", lab, "--out", tmp_path / "c")
    finally:
        os.kill(process.pid, signal.SIGCONT)
    said = process.communicate(timeout=RUN_SECONDS)[1]
    assert "which has expired" in taking.stderr
    assert process.returncode == 4, said
    assert "nothing more is written" in said
    assert len(written(tmp_path / "a")) == before


def time_is_over(place) -> bool:
    return (place / "b" / "journal.jsonl").stat().st_mtime + DURATION_SECONDS < time.time()


@pytest.mark.slow
def test_a_journal_from_elsewhere_is_obeyed_only_where_that_is_said(tmp_path, lab):
    process = begun(lab, tmp_path / "a")
    wait(lambda: written(tmp_path / "a"), "a write")
    process.kill()
    process.communicate(timeout=RUN_SECONDS)
    os.chown(tmp_path / "a" / "journal.jsonl", 12345, -1)
    strange = harness("recover", tmp_path / "a")
    assert strange.returncode == 2
    assert "this journal was not made on this machine" in strange.stderr
    assert f"lab file: {lab}" in strange.stderr
    trusted = harness("recover", tmp_path / "a", "--trust")
    assert trusted.returncode == 0, trusted.stderr
    assert "undone: scale" in trusted.stdout
