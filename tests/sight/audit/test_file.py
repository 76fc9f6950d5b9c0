"""An audit log that an API server writes to a file, followed over rotation, truncation, torn and bad lines."""

import asyncio

import msgspec
import pytest

from harness.journal.facts import ApiWrite, SightBegan, SightEnded, SightLost, SightRegained
from harness.journal.journal import Journal
from harness.sight.audit.events import AuditReader
from harness.sight.audit.file import AuditFile, AuditFileSight
from harness.sight.audit.limits import AuditLimits
from tests.sight.audit.writing import line

QUICK = AuditLimits(poll_seconds=0.005)
SECONDS = 8


class Followed:
    """A log and the sight that follows it."""

    def __init__(self, directory, limits=QUICK):
        self.path = directory / "audit.log"
        self.path.write_bytes(line(name="before"))
        self.journal = Journal(directory / "run")
        self.sight = AuditFileSight("target", self.path, self.journal, AuditReader("target", self.journal.now), limits)

    def write(self, data, path=None):
        with (path or self.path).open("ab") as file:
            file.write(data)

    def facts(self, *shapes):
        return [entry.fact for entry in self.journal.entries if isinstance(entry.fact, shapes)]

    @property
    def names(self):
        return [fact.name for fact in self.facts(ApiWrite)]

    async def until(self, shape, start=0):
        async for entry in self.journal.follow(start):
            if isinstance(entry.fact, shape):
                return entry.fact
        return None

    async def until_named(self, name):
        async for entry in self.journal.follow():
            if isinstance(entry.fact, ApiWrite) and entry.fact.name == name:
                return


@pytest.fixture
async def log(tmp_path):
    async with follow(Followed(tmp_path)) as log:
        yield log


class follow:  # noqa: N801 - reads as a word of the tests
    def __init__(self, log):
        self.log = log

    async def __aenter__(self):
        self.task = asyncio.create_task(self.log.sight.run())
        await asyncio.wait_for(self.log.sight.ready.wait(), SECONDS)
        return self.log

    async def __aexit__(self, *_):
        self.task.cancel()
        await asyncio.wait([self.task])
        self.log.journal.close()


async def test_what_is_written_since_we_look_is_told_and_what_stood_there_is_not(log):
    log.write(line(name="one") + line("get", name="read"))
    await asyncio.wait_for(log.until_named("one"), SECONDS)
    log.write(line(name="two"))
    await log.sight.final()
    assert log.names == ["one", "two"]
    assert log.facts(SightBegan) == [SightBegan(sight="audit", cluster="target")]
    assert log.facts(SightEnded) == [SightEnded(sight="audit", cluster="target", complete=True)]
    assert log.facts(SightLost) == []


@pytest.fixture
def opened(tmp_path):
    """The file alone, opened at its end."""
    file = AuditFile(tmp_path / "audit.log", AuditLimits(look_bytes=4096))
    (tmp_path / "audit.log").write_bytes(b"before\n")
    file.begin()
    yield file, tmp_path / "audit.log"
    file.close()


def append(path, data):
    with path.open("ab") as file:
        file.write(data)


def test_a_line_that_is_still_being_written_waits_for_its_end(opened):
    file, path = opened
    append(path, b"ha")
    assert file.look() == []
    append(path, b"lf\nnext\n")
    assert file.look() == [b"half", b"next"]


def test_a_rotated_log_is_read_to_its_end_and_then_the_new_one(opened):
    """As kube-apiserver does with --audit-log-maxsize: renamed, then made anew."""
    file, path = opened
    append(path, b"one\n")
    path.rename(path.with_name("audit-2026-11-30T12-00-02.000.log"))
    assert file.look() == [b"one"]
    append(path, b"two\n")
    assert file.look() == [b"two"]
    assert not file.cut


def test_of_a_rotated_log_more_is_read_than_one_look_takes(opened):
    file, path = opened
    append(path, b"x" * 4000 + b"\n" + b"y" * 4000 + b"\n")
    path.rename(path.with_name("audit-old.log"))
    append(path, b"new\n")
    lines = [line for _ in range(4) for line in file.look()]
    assert [line[:1] for line in lines] == [b"x", b"y", b"n"]


async def test_a_log_that_is_cut_to_nothing_goes_on_and_the_gap_is_told(log):
    log.write(line(name="one"))
    await asyncio.wait_for(log.until_named("one"), SECONDS)
    log.path.write_bytes(b"")
    lost = await asyncio.wait_for(log.until(SightLost), SECONDS)
    assert "became shorter" in lost.says
    log.write(line(name="two"))
    await asyncio.wait_for(log.until_named("two"), SECONDS)
    assert [fact.complete for fact in log.facts(SightRegained)] == [False]


async def test_bad_lines_are_told_each_and_skipped_and_of_many_only_the_first(tmp_path):
    log = Followed(tmp_path, msgspec.structs.replace(QUICK, told_lines=3))
    async with follow(log):
        log.write(b"no JSON\n" + b'{"kind": "Pod"}\n' + b"\xff\n" * 10 + line(name="one"))
        await asyncio.wait_for(log.until_named("one"), SECONDS)
    says = [fact.says for fact in log.facts(SightLost)]
    assert len(says) == 3
    assert "'no JSON'" in says[0]
    assert says[2].endswith("no more such lines are told")


async def test_a_line_without_end_is_not_kept(tmp_path):
    log = Followed(tmp_path, msgspec.structs.replace(QUICK, line_bytes=1000, look_bytes=2048))
    async with follow(log):
        log.write(b"x" * 100_000 + b"\n" + line(name="one"))
        await asyncio.wait_for(log.until_named("one"), SECONDS)
        await log.sight.final()
    assert log.names == ["one"]


async def test_a_line_that_was_being_written_when_we_came_is_no_bad_line(tmp_path):
    log = Followed(tmp_path)
    log.path.write_bytes(line(name="half")[:80])
    async with follow(log):
        log.write(line(name="half")[80:] + line(name="one"))
        await asyncio.wait_for(log.until_named("one"), SECONDS)
    assert log.names == ["one"]
    assert log.facts(SightLost) == []


async def test_a_log_that_cannot_be_read_is_not_seen(tmp_path):
    log = Followed(tmp_path)
    log.path.unlink()
    async with follow(log):
        lost = await asyncio.wait_for(log.until(SightLost), SECONDS)
        assert "No such file" in lost.says
        log.write(line(name="early"))
        await asyncio.wait_for(log.until(SightRegained), SECONDS)
        log.write(line(name="one"))
        await asyncio.wait_for(log.until_named("one"), SECONDS)
        await log.sight.final()
    assert log.names[-1] == "one"
