"""The mover as a child process: every line recorded, its end recorded, whatever the end was."""

import asyncio
import lzma
import os
import signal
import sys
from pathlib import Path

import msgspec
import pytest

from bmc.masking.text import masked
from harness.journal.facts import MoverEnded, MoverSaid, MoverStarted, SightBegan, SightEnded
from harness.journal.journal import Journal
from harness.journal.mover_lines import PHASES, phase_of
from harness.move.process import KubeconfigContext, find_clusterctl, move, mover_command, mover_environment
from tests.waiting import until

TRACES = Path(__file__).parents[1] / "recordings"


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "run")
    yield journal
    journal.close()


async def run(journal, tmp_path, program, *arguments):
    return await move(
        [sys.executable, "-u", "-c", program, *arguments],
        origin="source",
        destination="target",
        recorder=journal,
        log_path=tmp_path / "logs" / "mover.log",
        environment=mover_environment(tmp_path / "home"),
    )


def facts(journal, kind):
    return [entry.fact for entry in journal.entries if isinstance(entry.fact, kind)]


async def test_every_line_is_a_fact_and_the_raw_log_is_kept(journal, tmp_path):
    program = "import sys; sys.stderr.write('Performing move...\\nTotal objects count=3\\nno newline'); sys.exit(1)"
    assert await run(journal, tmp_path, program) == 1
    assert [(said.line, said.phase) for said in facts(journal, MoverSaid)] == [
        ("Performing move...", "contact"),
        ("Total objects count=3", "check"),
        ("no newline", ""),
    ]
    assert (tmp_path / "logs" / "mover.log").read_text() == "Performing move...\nTotal objects count=3\nno newline"
    assert [type(entry.fact) for entry in journal.entries[:2]] == [SightBegan, MoverStarted]
    (ended,) = facts(journal, MoverEnded)
    assert ended.code == 1
    assert journal.entries[-1].fact == SightEnded(sight="mover", complete=True)


async def test_a_line_is_not_older_than_the_read_before_it(journal, tmp_path):
    await run(journal, tmp_path, "import sys; print('a', file=sys.stderr); sys.stdin.read(); print('b', file=sys.stderr)")
    said = [entry for entry in journal.entries if isinstance(entry.fact, MoverSaid)]
    assert all(entry.since <= entry.at for entry in said)
    assert [entry.at for entry in said] == sorted(entry.at for entry in said)


async def test_a_line_longer_than_any_buffer_is_one_fact(journal, tmp_path):
    await run(journal, tmp_path, "import sys; sys.stderr.write('x' * 300_000 + '\\nend\\n')")
    assert [len(said.line) for said in facts(journal, MoverSaid)] == [300_000, 3]


async def test_a_killed_mover_ends_with_its_signal(journal, tmp_path):
    assert await run(journal, tmp_path, "import os; os.kill(os.getpid(), 9)") == -signal.SIGKILL
    assert [ended.code for ended in facts(journal, MoverEnded)] == [-signal.SIGKILL]


@pytest.mark.parametrize(
    ("habit", "code"), [("", -signal.SIGTERM), ("signal.signal(signal.SIGTERM, signal.SIG_IGN);", -signal.SIGKILL)]
)
async def test_cancelling_ends_the_child_even_a_deaf_one(journal, tmp_path, habit, code):
    program = f"import signal, sys, time; {habit} print('Performing move...', file=sys.stderr); time.sleep(600)"
    task = asyncio.create_task(run(journal, tmp_path, program))
    async for entry in journal.follow():
        if isinstance(entry.fact, MoverSaid):
            break
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [ended.code for ended in facts(journal, MoverEnded)] == [code]
    assert journal.entries[-1].fact == SightEnded(sight="mover", complete=False)


def is_running(number: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{number}/status").read_text()
    except OSError:
        return False


async def test_cancelling_ends_also_what_the_child_has_started(journal, tmp_path):
    """A wrapper around a mover, as people write them: what it started has our pipe, too, and must not outlive it."""
    inner = "import os, sys, time; print('Performing move...', os.getpid(), file=sys.stderr); time.sleep(600)"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    task = asyncio.create_task(run(journal, tmp_path, program))
    async for entry in journal.follow():
        if isinstance(entry.fact, MoverSaid):
            break
    number = int(entry.fact.line.split()[-1])
    task.cancel()
    await asyncio.wait([task], timeout=20)

    assert task.cancelled()
    await until(lambda: not is_running(number), "the end of what it started")
    assert [ended.code for ended in facts(journal, MoverEnded)] == [-signal.SIGTERM]


async def test_no_secret_of_command_or_lines_is_recorded(journal, tmp_path):
    program = (
        "import sys; print('Get \"https://me:hunter2@bmc/x\": token=hunter2 Authorization: Bearer hunter2', file=sys.stderr)"
    )
    await run(journal, tmp_path, program, "--token=hunter2")
    assert "hunter2" not in journal.path.read_text()
    assert "***" in facts(journal, MoverStarted)[0].command


async def test_a_command_that_is_not_there_is_an_error_and_records_nothing(journal, tmp_path):
    with pytest.raises(FileNotFoundError):
        await move(
            [str(tmp_path / "none")],
            origin="source",
            destination="target",
            recorder=journal,
            log_path=tmp_path / "log",
            environment={},
        )
    assert journal.entries == []


def test_masking_leaves_what_is_no_secret():
    line = 'Creating Secret="host0-bmc-password" Namespace="metal3"'
    assert masked(line) == line


@pytest.mark.parametrize("run", ["b-good-pivot", "c-good-repivot", "e-source-ironic-left"])
def test_each_phase_of_a_recorded_move_begins_once_and_in_order(run):
    with lzma.open(TRACES / run / "mover.jsonl.xz") as lines:
        said = [row["line"] for row in map(msgspec.json.decode, lines) if row.get("what") == "stderr"]
    assert [phase for phase in map(phase_of, said) if phase] == list(PHASES)


def test_clusterctl_is_found_on_path_and_else_our_own_mover_is_taken(tmp_path, monkeypatch):
    program = tmp_path / "clusterctl"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_clusterctl() == program
    monkeypatch.setenv("PATH", "")
    assert find_clusterctl() is None
    places = {"source": KubeconfigContext(Path("a")), "target": KubeconfigContext(Path("b"), "prod"), "namespace": "metal3"}
    assert mover_command(None, **places)[:3] == [sys.executable, "-m", "harness.emulated.mover"]
    assert mover_command(program, **places) == [
        *[str(program), "move", "--kubeconfig", "a", "--to-kubeconfig", "b", "-n", "metal3"],
        *["--to-kubeconfig-context", "prod", "-v", "5"],
    ]


def test_the_environment_keeps_a_mover_at_home_and_other_peoples_secrets_from_it(tmp_path, monkeypatch):
    for name in ("IRONIC_LOGIN", "CLOUD_TOKEN", "AWS_PROFILE", "https_proxy"):
        monkeypatch.setenv(name, "x")
    environment = mover_environment(tmp_path, speed=20, named=["AWS_PROFILE", "NOT_SET"])
    assert environment.keys() & {"IRONIC_LOGIN", "CLOUD_TOKEN", "AWS_PROFILE", "NOT_SET", "https_proxy"} == {
        "AWS_PROFILE",
        "https_proxy",
    }
    assert environment["PATH"] == os.environ["PATH"]
    assert environment["CLUSTERCTL_DISABLE_VERSIONCHECK"] == "true"
    assert environment["HOME"] == str(tmp_path)
    assert environment["MOVER_SPEED"] == "20"
