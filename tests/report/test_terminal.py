"""The run on a terminal, and where there is none."""

import asyncio
import contextlib
import io
import os
import time

from rich.console import Console

from harness.journal.facts import IronicAnswers, SightLost
from harness.journal.journal import FILE_NAME, Journal
from harness.judgement import failed, passed
from harness.report.terminal import (
    LAST_WORDS_SECONDS,
    LONGEST_STORY_HERE,
    LiveReport,
    console_on,
    print_conclusion,
    print_examination,
)
from harness.verdict.judge import write_verdict


class Told:
    """A journal that is written already."""

    broken = ""

    def __init__(self, entries):
        self.entries = entries


async def tell(entries, console, directory):
    async with LiveReport(Told(entries), directory, console):
        pass


async def test_without_a_terminal_there_are_plain_lines_and_nothing_else(entries, tmp_path):
    stream = io.StringIO()
    await tell(entries, console_on(stream), tmp_path)
    lines = stream.getvalue().splitlines()
    assert "\x1b" not in stream.getvalue()
    assert "00:00:05             5.6 s  ironic-target  node-1: Reset ForceOff, asked by ironic-target" in lines
    assert "hunter2" not in stream.getvalue()
    assert lines[-1].endswith("the run ended: done")


async def test_what_is_recorded_while_it_runs_is_told_while_it_runs(tmp_path):
    journal = Journal(tmp_path / "run")
    read_end, write_end = os.pipe()
    with os.fdopen(write_end, "w") as stream, os.fdopen(read_end) as told:
        async with LiveReport(journal, tmp_path, console_on(stream)):
            journal.record(IronicAnswers(ironic="target", up=True))
            journal.record(SightLost(sight="kube"))
            stream_line = await asyncio.to_thread(told.readline)
            assert stream_line.startswith("journal in")
            assert "lost sight of kube" in await asyncio.to_thread(told.readline)
    journal.close()


async def test_on_a_terminal_a_table_of_hosts_stays_below_and_is_gone_at_the_end(entries, tmp_path):
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=120, color_system=None, highlight=False)
    await tell(entries, console, tmp_path)
    assert "the move ended with 0" in stream.getvalue()
    assert "node-1" in stream.getvalue().rsplit("the run ended", 1)[1]
    assert stream.getvalue().endswith(("\x1b[2K", "\x1b[?25h", "\r"))


async def test_a_terminal_that_stands_still_does_not_hold_up_the_run_and_one_that_went_ends_the_telling(entries, tmp_path):
    read_end, write_end = os.pipe()
    stream = os.fdopen(write_end, "w")
    teller = LiveReport(Told(entries * 400), tmp_path, console_on(stream))
    began = time.monotonic()
    async with teller:
        pass
    assert time.monotonic() - began < LAST_WORDS_SECONDS + 3
    assert teller._thread.is_alive()
    os.close(read_end)
    teller._thread.join(LAST_WORDS_SECONDS)
    assert not teller._thread.is_alive()
    with contextlib.suppress(BrokenPipeError):
        stream.close()


def test_the_conclusion_has_the_table_and_the_story_and_ends_with_the_verdict(entries, verdict, tmp_path):
    write_verdict(tmp_path / "run", {**verdict, "headline": "node-1 was reset."})
    assert (tmp_path / "run" / FILE_NAME).is_file()
    stream = io.StringIO()
    print_conclusion(tmp_path / "run", console_on(stream))
    lines = stream.getvalue().splitlines()
    assert lines[0].split() == ["host", "verdict", "Node", "boot", "BareMetalHost", "state", "BMC", "requests", "why"]
    assert lines[1].split() == ["node-1", "fail", "lost", "changed", "changed", "bmc_untouched"]
    assert any(line.startswith("  > ") and "Reset ForceOff" in line for line in lines)
    assert lines[-2:] == ["node-1 was reset.", "fail  pivot on embedded: checks 1 fail, 1 unknown, 1 pass"]


def test_what_several_checks_say_of_several_hosts_is_said_once(entries, verdict, tmp_path):
    doubt = {"verdict": "unknown", "says": "no move took place", "evidence": []}
    hosts, words = ("node-0", "node-1", "node-2"), ("fit_to_run", "lives_on")
    verdict["checks"] = [{**doubt, "check": word, "host": host} for word in words for host in hosts]
    write_verdict(tmp_path / "run", verdict)
    stream = io.StringIO()
    print_conclusion(tmp_path / "run", console_on(stream))
    assert "node-0, node-1, node-2: unknown\n  unknown  fit_to_run, lives_on: no move took place\n" in stream.getvalue()
    assert stream.getvalue().count("no move took place") == 1


def test_a_long_story_is_cut_on_a_terminal_and_says_where_the_rest_is(entries, verdict, tmp_path):
    verdict["checks"][1]["evidence"] = list(range(len(entries)))
    write_verdict(tmp_path / "run", verdict)
    stream = io.StringIO()
    print_conclusion(tmp_path / "run", console_on(stream))
    assert "lesser moments are left out; report.html has more" in stream.getvalue()
    assert stream.getvalue().count("  > ") == LONGEST_STORY_HERE


def test_what_a_terminal_would_obey_is_not_passed_on(entries, verdict, tmp_path):
    verdict["checks"][1]["says"] = "\x1b[2Jgone"
    write_verdict(tmp_path / "run", verdict)
    stream = io.StringIO()
    print_conclusion(tmp_path / "run", console_on(stream))
    assert "\x1b" not in stream.getvalue()


def test_an_examination_tells_the_worst_first():
    stream = io.StringIO()
    print_examination([("a", passed("well")), ("b", failed("ill", "node-1"))], "fail", console_on(stream))
    assert [line.split() for line in stream.getvalue().splitlines()] == [
        ["verdict", "host", "check", "says"],
        ["fail", "node-1", "b", "ill"],
        ["pass", "-", "a", "well"],
        ["fail"],
    ]


def test_an_examination_tells_what_a_move_would_take_leave_and_lose():
    loss = {"kind": "DataImage", "name": "node-1", "host": "node-1", "what": "spec (url)", "cure": "save it"}
    fates = {"moved": {"Cluster": 1, "Machine": 3}, "stayed": {}, "made_anew": {"FirmwareSchema": 1}, "lost": [loss]}
    stream = io.StringIO()
    print_examination([], "fail", console_on(stream), fates)
    assert stream.getvalue().splitlines() == [
        "moves      1 Cluster, 3 Machine",
        "made anew  1 FirmwareSchema",
        "is lost    DataImage node-1: spec (url) (cure: save it)",
        "fail",
    ]
