"""A journal whose disk, or whose writer, fails: it says so, nothing is done that is not on the disk, and nobody waits for ever."""

import asyncio
import contextlib
import errno
import os

import pytest

from harness.errors import JournalBrokenError
from harness.journal.facts import StepBegan
from harness.journal.journal import FILE_NAME, DiskCalls, Journal, read

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
FAILURES = [FULL, OSError(errno.EIO, os.strerror(errno.EIO)), MemoryError("no memory"), RuntimeError("whatever else")]


def step(word: str) -> StepBegan:
    return StepBegan(step="1", word=word)


class Failing:
    """A disk whose call of that number, of the named kind, fails once; all other calls are the system's."""

    def __init__(self, kind: str, number: int, error: BaseException) -> None:
        self.left = {kind: number}
        self.error = error

    def calls(self) -> DiskCalls:
        return DiskCalls(lambda where, view: self.met("write") or os.write(where, view), self.synchronise)

    def synchronise(self, descriptor: int) -> None:
        self.met("synchronise")
        os.fdatasync(descriptor)

    def met(self, kind: str) -> int:
        if kind in self.left:
            self.left[kind] -= 1
            if self.left[kind] == 0:
                raise self.error
        return 0


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__ + str(error.args[0]))
@pytest.mark.parametrize("kind", ["write", "synchronise"])
@pytest.mark.parametrize("number", [1, 2, 5])
async def test_nothing_is_durable_that_did_not_come_onto_the_disk(tmp_path, kind, number, error):
    journal = Journal(tmp_path, disk=Failing(kind, number, error).calls())
    promised = 0
    async with asyncio.timeout(20):
        with contextlib.suppress(JournalBrokenError):
            for word in range(10):
                await journal.durable(journal.record(step(str(word))))
                promised += 1
        assert promised == number - 1
        assert journal.broken
        later = journal.record(step("told, and kept nowhere"))
        with pytest.raises(JournalBrokenError):
            await journal.durable(later)
    with pytest.raises(JournalBrokenError, match="proves nothing"):
        journal.close()
    kept = [entry.fact.word for entry in read(tmp_path / FILE_NAME)]
    assert kept[:promised] == [str(word) for word in range(promised)]
    assert "told, and kept nowhere" not in kept


async def test_who_waits_when_it_breaks_is_told(tmp_path):
    journal = Journal(tmp_path, disk=Failing("write", 1, FULL).calls())
    entries = [journal.record(step(str(word))) for word in range(5)]
    async with asyncio.timeout(20):
        ends = await asyncio.gather(*(journal.durable(entry) for entry in entries), return_exceptions=True)
    assert [type(end) for end in ends] == [JournalBrokenError] * 5
    with pytest.raises(JournalBrokenError):
        journal.close()


async def test_a_write_that_takes_some_bytes_only_is_gone_on_with(tmp_path):
    journal = Journal(tmp_path, disk=DiskCalls(write=lambda where, view: os.write(where, view[:7])))
    await journal.durable(journal.record(step("whole")))
    journal.close()
    assert [entry.fact.word for entry in read(tmp_path / FILE_NAME)] == ["whole"]
