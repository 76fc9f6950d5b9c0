import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.errors import LabBrokeError
from harness.processes.supervisor import ComponentDiedError, Supervisor
from tests.processes.small_programs import program
from tests.waiting import until

ROOT = Path(__file__).parents[2]
GONE_SECONDS = 10


async def never() -> bool:
    return False


def is_running(number: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{number}/status").read_text()
    except OSError:
        return False


async def until_gone(number: int) -> None:
    await until(lambda: not is_running(number), f"the end of process {number}", GONE_SECONDS)


async def test_a_program_that_dies_at_start_is_named_with_its_last_words(tmp_path):
    supervisor = Supervisor(tmp_path / "logs")
    running = await supervisor.start("etcd-source", [program(tmp_path, "etcd", "echo cannot open the database; exit 3")])
    with pytest.raises(ComponentDiedError) as died:
        await supervisor.until(never, running, 10)

    assert str(died.value).startswith("etcd-source ended with exit code 3; its last words")
    assert "\n  cannot open the database\nthe command is in that log, to try it by hand" in str(died.value)
    assert running.log.read_text().startswith(f"$ {tmp_path}/etcd\n")


CURABLE = {
    "listen tcp 127.77.1.1:2379: bind: address already in use": "`ss -ltnp` shows it",
    "write wal: no space left on device": "free the disk",
    "accept: too many open files": "ulimit -n 8192",
    "Error: unknown flag: --v3": "correct `flags`",
}


@pytest.mark.parametrize("words", CURABLE)
async def test_what_helps_a_component_that_died_is_told(tmp_path, words):
    supervisor = Supervisor(tmp_path / "logs")
    running = await supervisor.start("etcd", [program(tmp_path, "etcd", f"echo '{words}'; exit 1")])
    with pytest.raises(ComponentDiedError) as died:
        await supervisor.until(never, running, 10)

    assert CURABLE[words] in str(died.value).splitlines()[-1]


async def test_the_last_words_are_those_of_the_last_start(tmp_path):
    supervisor = Supervisor(tmp_path / "logs")
    await (await supervisor.start("etcd", [program(tmp_path, "etcd", "echo of the first")])).process.wait()
    again = await supervisor.start("etcd", [program(tmp_path, "etcd", "echo of the second")])
    await again.process.wait()

    assert again.last_words() == "  of the second"


async def test_one_that_dies_beside_the_awaited_one_is_named_instead(tmp_path):
    supervisor = Supervisor(tmp_path / "logs")
    store = await supervisor.start("etcd", [program(tmp_path, "etcd", "exit 1")])
    server = await supervisor.start("kube-apiserver", [program(tmp_path, "server", "exec sleep 60")])
    with pytest.raises(ComponentDiedError, match="etcd ended with exit code 1"):
        await supervisor.until(never, server, 10, store)
    await supervisor.stop()


async def test_one_that_never_gets_ready_is_named_with_the_limit(tmp_path):
    supervisor = Supervisor(tmp_path / "logs")
    running = await supervisor.start("slow", [program(tmp_path, "slow", "echo still starting; exec sleep 60")])
    with pytest.raises(LabBrokeError, match=r"slow was not ready after 0 s"):
        await supervisor.until(never, running, 0.2)
    await supervisor.stop()


async def test_a_program_that_cannot_be_started_is_a_broken_lab(tmp_path):
    with pytest.raises(LabBrokeError, match=r"etcd cannot be started: .*/nowhere: No such file"):
        await Supervisor(tmp_path / "logs").start("etcd", [tmp_path / "nowhere"])


async def test_one_that_ends_later_is_told_by_whom_it_was_ended(tmp_path):
    supervisor = Supervisor(tmp_path / "logs")
    running = await supervisor.start("etcd", [program(tmp_path, "etcd", "exec sleep 60")])
    waiting = asyncio.ensure_future(supervisor.until_one_dies())
    os.kill(running.process.pid, signal.SIGKILL)
    with pytest.raises(ComponentDiedError, match="etcd was ended by signal 9"):
        await waiting


async def test_stopping_ends_the_last_one_first_and_kills_who_does_not_obey(tmp_path):
    supervisor = Supervisor(tmp_path / "logs")
    ended = tmp_path / "ended"
    obeys = f"trap 'echo NAME >> {ended}; exit 0' TERM; echo up; while :; do sleep 0.05; done"
    first = await supervisor.start("first", [program(tmp_path, "first", obeys.replace("NAME", "first"))])
    second = await supervisor.start("second", [program(tmp_path, "second", obeys.replace("NAME", "second"))])
    deaf = await supervisor.start(
        "deaf", [program(tmp_path, "deaf", "trap '' TERM; echo up; while :; do sleep 0.05; done")], patience_seconds=0.2
    )
    await until(lambda: all("up" in each.log.read_text() for each in (first, second, deaf)), "all three up", GONE_SECONDS)
    await supervisor.stop()

    assert ended.read_text().split() == ["second", "first"]
    assert deaf.process.returncode == -signal.SIGKILL


ORPHAN = """
import asyncio, sys
from pathlib import Path
from harness.processes.supervisor import Supervisor

async def main():
    running = await Supervisor(Path(sys.argv[1])).start("orphan", ["sleep", "600"])
    print(running.process.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_what_was_started_dies_with_a_supervisor_that_is_killed(tmp_path):
    parent = subprocess.Popen([sys.executable, "-c", ORPHAN, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220
    child = int(parent.stdout.readline())
    assert is_running(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    await until_gone(child)


async def test_whatever_dies_while_something_else_is_awaited_is_named(tmp_path):
    supervisor = Supervisor(tmp_path / "logs")
    await supervisor.start("lives", [program(tmp_path, "lives", "exec sleep 60")])
    await supervisor.start("collector", [program(tmp_path, "collector", "exit 7")])
    with pytest.raises(ComponentDiedError, match="collector ended with exit code 7"):
        await supervisor.while_all_live(asyncio.Event().wait())
    await supervisor.stop()


async def test_what_is_awaited_comes_to_its_end_while_all_live(tmp_path):
    supervisor = Supervisor(tmp_path / "logs")
    lives = await supervisor.start("lives", [program(tmp_path, "lives", "exec sleep 60")])
    await supervisor.while_all_live(asyncio.sleep(0))

    assert lives.process.returncode is None
    await supervisor.stop()
