"""Judging a run directory again: the whole of it, some checks, or what it promised of its own by a name; and the file of the verdict."""

import json

import msgspec
import pytest

from harness.files.words import WordFiles
from harness.journal import facts
from harness.journal.journal import FILE_NAME, Journal, read
from harness.verdict.judge import judge_directory, judge_entries, write_verdict
from tests.checks.whole_pivot import WholePivot

OWN = '''"""A check of one's own."""

from collections.abc import Iterator

from harness.judgement import Judgement, passed
from harness.world.world import World


def check(world: World) -> Iterator[Judgement]:
    """Passes."""
    yield passed("mine")
'''


@pytest.fixture
def directory(tmp_path):
    """A run that promised two words, and twice something of its own: over the whole, and over a step."""
    pivot = WholePivot()
    pivot.whole()
    promise = facts.OwnPromise(form="always", conditions=["host.status.poweredOn"])
    expected = [
        facts.Expectation(check="hosts_keep_power"),
        facts.Expectation(check="it is on", own=promise),
        facts.Expectation(check="it is on", own=promise, block="2"),
    ]
    began = msgspec.structs.replace(pivot.story.entries[0].fact, expectations=expected)
    journal = Journal(tmp_path / "run")
    for entry in pivot.story.entries:
        journal.record(began if entry.seq == 0 else entry.fact, since=entry.since, at=entry.at)
    journal.close()
    return tmp_path / "run"


def named(verdict) -> list[str]:
    return list(dict.fromkeys(item["check"] for item in verdict["checks"]))


def test_a_run_is_judged_by_what_it_promised(directory):
    verdict = judge_directory(directory)

    assert {"hosts_keep_power", "it is on"} <= {*named(verdict)}
    assert "hosts_keep_state" not in named(verdict)


def test_some_checks_and_own_promises_are_judged_by_their_names(directory):
    verdict = judge_directory(directory, ["hosts_keep_state", "it is on"])
    own = [item for item in verdict["checks"] if item["check"] == "it is on"]

    assert {"hosts_keep_state", "it is on"} <= {*named(verdict)}
    assert "hosts_keep_power" not in named(verdict)
    assert len({item.get("block") for item in own}) == 2


def test_the_verdict_is_written_as_the_same_bytes_for_people_and_programs(directory):
    verdict = judge_directory(directory)
    path = write_verdict(directory, verdict)

    assert path == directory / "verdict.json"
    assert json.loads(path.read_text()) == json.loads(msgspec.json.encode(verdict))
    assert path.read_text().startswith('{\n  "verdict": ')
    assert path.read_bytes().endswith(b"}\n")


def test_a_check_of_ones_own_is_found_in_the_words_that_are_given(directory, tmp_path):
    (tmp_path / "words" / "checks").mkdir(parents=True)
    (tmp_path / "words" / "checks" / "it_is_mine.py").write_text(OWN)
    words = WordFiles([tmp_path / "words"])
    asked = [facts.Expectation(check="it_is_mine")]
    entries = [*read(directory / FILE_NAME)]
    known = judge_entries(entries, checks=asked, words=words)

    assert [item["says"] for item in known["checks"]] == ["mine"]
    assert [item["verdict"] for item in judge_entries(entries, checks=asked)["checks"]] == ["unknown"]
