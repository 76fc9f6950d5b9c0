"""A lab's process as the harness sees it: what it tells, how it comes to an end, and what is left of it."""

import asyncio
import subprocess
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from harness.bench.switch_on import ended_with, lab_down, ready
from harness.errors import LabBrokeError, UsageError

SECONDS = 30.0


async def lab(script: str, log: Path) -> Process:
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec("/bin/sh", "-c", script, stdin=PIPE, stdout=PIPE, stderr=output)


async def test_what_is_started_is_told_until_all_is_ready(tmp_path):
    told: list[str] = []
    process = await lab("echo starting etcd 3.6; echo filling the clusters; echo ready /there/lab.yaml", tmp_path / "log")

    assert await ready(process, tmp_path / "log", SECONDS, told.append) == Path("/there/lab.yaml")
    assert told == ["starting etcd 3.6", "filling the clusters"]
    await process.wait()


async def test_a_lab_that_ends_before_it_is_ready_is_told_with_its_last_words(tmp_path):
    process = await lab("echo starting etcd 3.6; echo etcd-source ended with exit code 1 >&2; exit 4", tmp_path / "log")
    with pytest.raises(LabBrokeError, match=r"did not come up; it said:\n  etcd-source ended with exit code 1"):
        await ready(process, tmp_path / "log", SECONDS)


async def test_a_lab_that_ends_ends_what_is_done_with_it(tmp_path):
    process = await lab("read line; echo etcd-target was ended by signal 9 >&2", tmp_path / "log")

    async def use() -> None:
        async with limit, ended_with(process, tmp_path / "log"):
            process.stdin.write(b"\n")
            await asyncio.Event().wait()

    limit = asyncio.timeout(SECONDS)
    with pytest.raises(LabBrokeError, match=r"ended while it was in use; it said:\n  etcd-target was ended by signal 9"):
        await use()
    assert not limit.expired()
    assert not asyncio.current_task().cancelling()


async def test_a_block_that_comes_to_its_end_or_is_cancelled_is_left_alone(tmp_path):
    process = await lab("read line", tmp_path / "log")
    async with ended_with(process, tmp_path / "log"):
        pass
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01), ended_with(process, tmp_path / "log"):
            await asyncio.Event().wait()
    process.stdin.close()
    await process.wait()


def test_of_a_lab_that_was_killed_only_the_logs_are_left(tmp_path, capsys):
    with subprocess.Popen(["true"]) as gone:
        pass
    for name in ("lab.log", "lab.yaml", "source.kubeconfig", "node-0.secret"):
        (tmp_path / name).touch()
    (tmp_path / "lab.pid").write_text(f"{gone.pid}\n")
    (tmp_path / "state" / "certificates").mkdir(parents=True)

    assert lab_down(tmp_path) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["lab.log"]
    with pytest.raises(UsageError, match=r"no lab\.pid in it"):
        lab_down(tmp_path)
