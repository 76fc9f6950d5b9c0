"""`harness recover` leads on from wherever a move broke off, and no server is touched by it."""

import signal
import subprocess

import pytest

from harness.journal.facts import BmcRequest, MoverSaid, ObjectSeen, WriteIntended
from harness.journal.run_directory import entries_of
from tests.run.broken_off.begun import COMMAND, begun, harness, lab, wait

__all__ = ["lab"]
pytestmark = pytest.mark.timeout(200)


def is_paused(fact) -> bool:
    return isinstance(fact, MoverSaid) and fact.phase == "pause"


def is_copied(fact) -> bool:
    return isinstance(fact, ObjectSeen) and (fact.cluster, fact.change, fact.kind) == ("target", "added", "BareMetalHost")


def is_deleted(fact) -> bool:
    return isinstance(fact, ObjectSeen) and (fact.cluster, fact.change) == ("source", "deleted") and fact.kind != "Event"


def broken_off(lab, run, holds) -> str:
    """End a pivot, with its mover, at the first fact of this kind; what it says in the end."""
    process = begun(lab, run, "--on-interrupt", "stop")
    wait(lambda: any(holds(entry.fact) for entry in entries_of(run)), "the moment to break off")
    process.send_signal(signal.SIGTERM)
    return process.communicate(timeout=100)[1]


def resets(run) -> list[str]:
    journals = [run, *run.glob("recovery-*")]
    asked = [entry.fact for place in journals for entry in entries_of(place) if isinstance(entry.fact, BmcRequest)]
    return [fact.path for fact in asked if fact.method != "GET" and "Reset" in fact.path]


def written(run) -> list[str]:
    return [entry.fact.what for entry in entries_of(run) if isinstance(entry.fact, WriteIntended)]


@pytest.mark.parametrize(
    ("holds", "way", "told"),
    [
        (is_paused, "undo", ("source paused", "all is as it was found")),
        pytest.param(is_paused, "unpause", ("source paused", "every host is in the target"), marks=pytest.mark.slow),
        pytest.param(is_copied, "unpause", ("both sides", "every host is in the target"), marks=pytest.mark.slow),
        pytest.param(is_copied, "back", ("both sides", "all is as it was found"), marks=pytest.mark.slow),
        pytest.param(
            is_deleted, "unpause", ("past the point of no return", "every host is in the target"), marks=pytest.mark.slow
        ),
        pytest.param(is_deleted, "back", ("past the point of no return", "all is as it was found"), marks=pytest.mark.slow),
    ],
)
def test_from_wherever_a_move_broke_off_the_way_that_is_told_leads_on(tmp_path, lab, holds, way, told):
    stands, ends = told
    run = tmp_path / "run"
    said = broken_off(lab, run, holds)
    assert f"what leads on, tells `harness recover {run}`" in said

    looked = harness("recover", run)
    assert looked.returncode == 3
    assert f"the move from source to target stands at: {stands}" in looked.stdout
    assert "source  1 Clusters, 2 hosts; paused: Cluster lab, " in looked.stdout
    assert "its Baremetal Operator is stopped, its Ironic is stopped" in looked.stdout
    assert f"  --do {way}: " in looked.stdout

    wrong = harness("recover", run, "--do", "wait")
    assert wrong.returncode == 2
    assert "--do wait does not lead on from there" in wrong.stderr

    gone = harness("recover", run, "--do", way)
    assert gone.returncode == 0, gone.stdout + gone.stderr
    assert gone.stdout.splitlines()[-1].startswith(ends)
    assert harness("recover", run).returncode == 0
    assert resets(run) == []


@pytest.mark.slow
def test_a_mover_that_still_runs_is_waited_for_and_nothing_else_is_done_beside_it(tmp_path, lab):
    run = tmp_path / "run"
    process = begun(lab, run)
    wait(lambda: any(is_paused(entry.fact) for entry in entries_of(run)), "the pause")
    process.kill()
    process.communicate(timeout=100)
    beside = harness("recover", run, "--do", "unpause")
    assert beside.returncode == 2
    assert "whoever writes beside it does harm" in beside.stderr
    waited = harness("recover", run, "--do", "wait")
    assert waited.returncode == 0, waited.stdout + waited.stderr
    assert waited.stdout.splitlines()[-1].startswith("every host is in the target, and owned there")
    assert resets(run) == []


@pytest.mark.slow
def test_a_recovery_that_is_killed_is_led_on_by_the_next(tmp_path, lab):
    run = tmp_path / "run"
    broken_off(lab, run, is_copied)
    again = subprocess.Popen([*COMMAND, "recover", str(run), "--do", "unpause"], stdout=subprocess.DEVNULL)
    wait(lambda: any(is_paused(entry.fact) for entry in entries_of(run / "recovery-1")), "the second mover")
    again.kill()
    again.wait(100)
    assert "left alone" in harness("recover", run).stdout
    waited = harness("recover", run, "--do", "wait")
    assert waited.returncode == 0, waited.stdout + waited.stderr
    assert resets(run) == []


def is_half_gone(fact) -> bool:
    return isinstance(fact, ObjectSeen) and (fact.cluster, fact.change, fact.kind) == ("source", "deleted", "Cluster")


@pytest.mark.slow
@pytest.mark.parametrize("holds", [is_deleted, is_half_gone])
def test_what_a_move_had_deleted_is_put_back_from_the_backup_that_the_run_kept(tmp_path, lab, holds):
    run, kept = tmp_path / "run", tmp_path / "kept"
    process = begun(lab, run, "--on-interrupt", "stop", "--backup", kept)
    wait(lambda: any(holds(entry.fact) for entry in entries_of(run)), "the moment to break off")
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=100)[1]
    assert f"kept in {kept}; it holds the Secrets of the Cluster in clear" in said
    assert {path.stat().st_mode & 0o777 for path in kept.iterdir()} == {0o600}
    assert kept.stat().st_mode & 0o777 == 0o700
    gone = harness("recover", run, "--do", "back")
    assert gone.returncode == 0, gone.stdout + gone.stderr
    assert any("put back" in what for what in written(run / "recovery-1"))
    assert resets(run) == []
    again = harness("run", "pivot", "--lab", lab, "--out", tmp_path / "again")
    assert again.returncode == 0, again.stdout
