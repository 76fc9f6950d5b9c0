"""Each line of a journal is bound to the one before it; journals of before that are judged as they stand."""

import hashlib
import json
import lzma
from pathlib import Path

import pytest

from harness.errors import JournalError
from harness.journal.chain import CRC_LENGTH, START, Chain, link, sealed
from harness.journal.facts import StepBegan
from harness.journal.journal import FILE_NAME, Journal, read
from harness.verdict.judge import judge_directory

OLD = Path(__file__).parent / "journal-of-7d0c54c.jsonl.xz"


@pytest.fixture
async def journal(tmp_path):
    journal = Journal(tmp_path)
    for number in range(6):
        journal.record(StepBegan(step=str(number), word="wait"))
    journal.close()
    return tmp_path / FILE_NAME


@pytest.fixture
def old_run(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(lzma.decompress(OLD.read_bytes()))
    return tmp_path


def body_of(line: bytes) -> bytes:
    return line[:-CRC_LENGTH]


async def test_each_line_names_the_digest_of_the_one_before_as_anybody_can_compute_it(journal):
    lines = journal.read_bytes().splitlines()

    assert [json.loads(line)["previous"] for line in lines] == [START, *(hashlib.sha256(line).hexdigest() for line in lines[:-1])]


async def test_a_line_that_was_changed_with_its_checksum_is_found_at_the_next_one(journal):
    lines = journal.read_bytes().splitlines()
    lines[2] = sealed(body_of(lines[2]).replace(b'"wait"', b'"move"'))
    journal.write_bytes(b"\n".join(lines) + b"\n")

    with pytest.raises(JournalError, match=r"journal.jsonl:4: not bound to the line before it"):
        list(read(journal))


async def test_a_line_without_its_link_does_not_pass_in_a_chained_journal(journal):
    lines = journal.read_bytes().splitlines()
    lines[-1] = sealed(body_of(lines[-1]).split(b',"previous"')[0])
    journal.write_bytes(b"\n".join(lines) + b"\n")

    with pytest.raises(JournalError, match=r"journal.jsonl:6: not bound"):
        list(read(journal))


async def test_a_link_does_not_pass_in_a_journal_that_has_none(old_run):
    path = old_run / FILE_NAME
    lines = path.read_bytes().splitlines()
    lines[-1] = sealed(body_of(lines[-1]) + link(hashlib.sha256(lines[-2]).hexdigest()))
    path.write_bytes(b"\n".join(lines) + b"\n")

    with pytest.raises(JournalError, match="not bound"):
        list(read(path))


async def test_the_head_stands_for_the_whole_journal(journal):
    chain = Chain()
    lines = journal.read_bytes().splitlines()

    assert all(chain.holds(line) for line in lines)
    assert (chain.length, chain.head, chain.is_bound) == (6, hashlib.sha256(lines[-1]).hexdigest(), True)


def test_a_journal_that_an_older_version_wrote_is_judged_as_it_stands(old_run):
    entries = list(read(old_run / FILE_NAME))
    verdict = judge_directory(old_run)

    assert (len(entries), entries[-1].fact.how) == (652, "done")
    # It lacks kinds that were not watched then; nothing of what it does show is taken for a failure.
    assert (verdict["verdict"], list(verdict["hosts"])) == ("unknown", ["node-0"])
    assert {check["check"] for check in verdict["checks"] if check["verdict"] == "unknown"} == {
        "preflight_objects",
        "objects_arrive",
    }
