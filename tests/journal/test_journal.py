"""The journal: order, intervals, checksums, and what is left of it after a kill."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
import zlib
from pathlib import Path

import msgspec
import pytest

from harness.errors import JournalError
from harness.journal.chain import CRC_LENGTH
from harness.journal.entry import Entry
from harness.journal.facts import AnyFact, RunBegan, SightLost, StepBegan
from harness.journal.journal import FILE_NAME, Journal, decode, encode, read

KILLS = 15


def step(word: str) -> StepBegan:
    return StepBegan(step="1", word=word)


async def test_what_is_recorded_is_read_back_in_order_with_its_interval(tmp_path):
    journal = Journal(tmp_path)
    written = [journal.record(step(str(number)), since=number / 10, at=number / 5) for number in range(100)]
    journal.close()

    assert list(read(tmp_path / FILE_NAME)) == written


async def test_an_interval_never_begins_after_it_ends(tmp_path):
    journal = Journal(tmp_path)
    entry = journal.record(step("late"), since=9.0, at=3.0)
    journal.close()

    assert (entry.since, entry.at) == (3.0, 3.0)


async def test_a_line_is_one_json_object_of_the_contract(tmp_path):
    journal = Journal(tmp_path)
    journal.record(SightLost(sight="bmc", host="node-1", says="it is silent"))
    journal.close()
    line = msgspec.json.decode((tmp_path / FILE_NAME).read_bytes())

    assert list(line)[-2:] == ["previous", "crc"]
    assert line | {"since": 0, "at": 0, "crc": ""} == {
        "seq": 0,
        "since": 0,
        "at": 0,
        "fact": "SightLost",
        "sight": "bmc",
        "host": "node-1",
        "says": "it is silent",
        "previous": "0" * 64,
        "crc": "",
    }


async def test_an_entry_is_durable_within_20_ms_on_a_quiet_disk(tmp_path):
    journal = Journal(tmp_path)
    delays = []
    for _ in range(20):
        began = time.perf_counter()
        await journal.durable(journal.record(step("now")))
        delays.append(time.perf_counter() - began)
        assert (tmp_path / FILE_NAME).read_bytes().endswith(b"\n")
    journal.close()

    # The limit in the promise is 20 ms; a disk that others use may take longer now and then, never in most cases.
    assert sorted(delays)[len(delays) // 4] < 0.02


async def test_readers_follow_at_their_own_pace_from_where_they_like(tmp_path):
    journal = Journal(tmp_path)
    seen: list[str] = []

    async def follow(cursor: int, count: int) -> None:
        async for entry in journal.follow(cursor):
            seen.append(f"{cursor}:{entry.seq}")
            if entry.seq == count - 1:
                return

    async with asyncio.TaskGroup() as group, asyncio.timeout(5):
        group.create_task(follow(0, 3))
        group.create_task(follow(2, 3))
        for number in range(3):
            journal.record(step(str(number)))
            await asyncio.sleep(0)
    journal.close()

    assert sorted(seen) == ["0:0", "0:1", "0:2", "2:2"]


@pytest.mark.parametrize("cut", range(1, 80, 7))
async def test_a_torn_tail_is_cut_off(cut, tmp_path):
    journal = Journal(tmp_path)
    for number in range(3):
        journal.record(step(str(number)))
    journal.close()
    path = tmp_path / FILE_NAME
    path.write_bytes(path.read_bytes()[:-cut])

    assert [entry.seq for entry in read(path)] == [0, 1]


async def test_damage_before_the_end_is_told_with_its_line(tmp_path):
    journal = Journal(tmp_path)
    for number in range(5):
        journal.record(step(str(number)))
    journal.close()
    path = tmp_path / FILE_NAME
    path.write_bytes(path.read_bytes().replace(b'"word":"2"', b'"word":"9"'))

    with pytest.raises(JournalError, match=rf"{FILE_NAME}:3: damaged"):
        list(read(path))


async def test_a_line_that_is_missing_is_told(tmp_path):
    journal = Journal(tmp_path)
    for number in range(5):
        journal.record(step(str(number)))
    journal.close()
    path = tmp_path / FILE_NAME
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2] + lines[3:]))

    with pytest.raises(JournalError, match="lines are missing"):
        list(read(path))


def test_a_directory_without_a_journal_is_told(tmp_path):
    with pytest.raises(JournalError, match="no journal can be read there"):
        list(read(tmp_path / FILE_NAME))


def test_a_journal_is_never_written_over(tmp_path):
    (tmp_path / FILE_NAME).write_text("")
    with pytest.raises(FileExistsError):
        Journal(tmp_path)


def test_every_fact_of_the_vocabulary_survives_the_wire(tmp_path):
    from harness.journal.entry import Entry

    for kind in AnyFact.__args__:
        required = [field for field in msgspec.structs.fields(kind) if field.required]
        raw = {field.name: _example(field.type) for field in required} | {"fact": kind.__name__}
        fact = msgspec.convert(raw, AnyFact)
        entry = Entry(7, 1.5, 2.5, fact)

        assert decode(encode(entry).rstrip(b"\n")) == entry


def _example(kind):
    schema = msgspec.json.schema(kind)
    schema = schema.get("$defs", {}).get(schema.get("$ref", "").rpartition("/")[2], schema)
    if "enum" in schema:
        return schema["enum"][0]
    return {"string": "text", "integer": 1, "number": 1.0, "boolean": True, "array": [], "object": {}}[schema["type"]]


@pytest.mark.parametrize("seed", range(KILLS))
def test_every_acknowledged_entry_survives_a_kill_at_any_moment(seed, tmp_path):
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.journal.writer", str(tmp_path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert writer.stdout is not None
    acknowledged = int(writer.stdout.readline())
    time.sleep(random.Random(seed).uniform(0.0, 0.1))
    os.kill(writer.pid, signal.SIGKILL)
    rest = writer.stdout.read().split(b"\n")
    writer.stdout.close()
    writer.wait()
    acknowledged = max([acknowledged, *(int(line) for line in rest[:-1] if line)])
    entries = list(read(tmp_path / FILE_NAME))

    assert [entry.seq for entry in entries] == list(range(len(entries)))
    assert len(entries) > acknowledged


def written(path: Path, *lines: bytes) -> Path:
    (path / FILE_NAME).write_bytes(b"".join(lines))
    return path / FILE_NAME


def line_of(number: int, text: str = "", at: float = 1.0) -> bytes:
    whole = encode(Entry(number, min(1.0, at), at, step("now")))
    body = whole[: -CRC_LENGTH - 1].replace(b"StepBegan", text.encode()) if text else whole[: -CRC_LENGTH - 1]
    return body + b',"crc":"%08x"}\n' % zlib.crc32(body)


def test_a_fact_that_only_another_version_knows_names_the_version(tmp_path):
    began = encode(Entry(0, 0.0, 0.0, RunBegan(scenario="s", lab="l", started="", mode="run", expectations=[], version="9.9")))

    with pytest.raises(JournalError, match=r"journal.jsonl:2: what it tells is not known here .*written by version 9.9"):
        list(read(written(tmp_path, began, line_of(1, "QuantumSeen"))))


def test_a_time_that_no_run_has_is_named(tmp_path):
    with pytest.raises(JournalError, match="is no time of a run"):
        list(read(written(tmp_path, line_of(0, at=1e300))))


def test_a_file_that_is_one_endless_line_is_no_journal(tmp_path, monkeypatch):
    monkeypatch.setattr("harness.journal.journal.LINE_MAX", 1000)

    with pytest.raises(JournalError, match="this is no journal"):
        list(read(written(tmp_path, b"x" * 5000)))
