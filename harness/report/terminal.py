"""The run on a terminal: what happens while it happens, and at the end the table and the story of each failure.

On a terminal a small table of hosts stays at the bottom while lines scroll above it; anywhere else there are plain lines only.
"""

import asyncio
import contextlib
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Self, TextIO

from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bmc.masking.text import masked
from harness.files.problems import printable
from harness.journal.entry import Entry
from harness.journal.facts import MoverEnded, MoverSaid, MoverStarted
from harness.journal.journal import FILE_NAME, Journal, read
from harness.journal.run_directory import VERDICT_FILE
from harness.judgement import Judgement
from harness.report.documents.page import ORDER, host_lines, witness_columns
from harness.report.moments import Moment, Narrator, Tone, moments, when
from harness.report.stories import FailureNarrative, Verdict, failure_narratives, fates_told, headline_of, seen_told
from harness.report.write import read_verdict

REFRESH_PER_SECOND = 4
POLL_SECONDS = 0.1
LAST_WORDS_SECONDS = 2.0
MOST_HOSTS_BELOW = 20
PLAIN_WIDTH = 140
LONGEST_STORY_HERE = 24
"""A story on a terminal is read at a glance; the page has the rest."""

QUIET: frozenset[Tone] = frozenset({"note"})
STYLES: dict[Tone, str] = {
    "reset": "bold red",
    "blind": "yellow",
    "fault": "magenta",
    "phase": "cyan",
    "write": "blue",
    "step": "bold",
    "free": "dim",
}
COLOURS = {
    "pass": "green",
    "fail": "bold red",
    "unknown": "yellow",
    "unchanged": "green",
    "changed": "bold red",
    "lost": "yellow",
    "unsupported": "dim",
}


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Re-raise BrokenPipeError, instead of exiting as rich does."""
        raise BrokenPipeError


def console_on(stream: TextIO) -> Console:
    """A console for a stream: with colours and width of the terminal, or plain and wide where it is none."""
    return _Console(file=stream, width=None if stream.isatty() else PLAIN_WIDTH, highlight=False, markup=False, emoji=False)


class LiveReport:
    """Tells a run while it runs: `async with LiveReport(journal, directory):`.

    A separate thread follows the journal, so that a blocked terminal never delays the run.
    """

    def __init__(self, journal: Journal, directory: Path, console: Console | None = None) -> None:
        """Nothing is written before it is entered."""
        self._journal = journal
        self._directory = directory
        self._console = console or console_on(sys.stdout)
        self._narrator = Narrator()
        self._hosts: dict[str, Moment] = {}
        self._phase = ""
        self._now = 0.0
        self._is_broken_told = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow_to_end, name="terminal", daemon=True)

    async def __aenter__(self) -> Self:
        """Begin to tell."""
        self._thread.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Tell what there is up to now, for at most `LAST_WORDS_SECONDS`, and end."""
        self._ended.set()
        await asyncio.to_thread(self._thread.join, LAST_WORDS_SECONDS)

    def _follow_to_end(self) -> None:
        # Nobody reads the output any more, or it has gone: the journal and the reports tell the same.
        with contextlib.suppress(OSError, ValueError), self._below():
            self._console.print(Text(f"journal in {printable(str(self._directory))}", style="dim"), soft_wrap=True)
            told = 0
            ended = False
            while not ended:
                ended = self._ended.wait(POLL_SECONDS)
                news = self._journal.entries[told:]
                told += len(news)
                for entry in news:
                    self.feed(entry)
                self._tell_broken()

    def _tell_broken(self) -> None:
        """Say once that the journal cannot be written any more."""
        if self._journal.broken and not self._is_broken_told:
            self._is_broken_told = True
            text = (
                f"the journal cannot be written any more ({printable(self._journal.broken)}): what happens from here on is told "
                "here only and proves nothing, and no step changes anything more; a move that has begun goes on"
            )
            self._console.print(Text(text, style="bold red"), soft_wrap=True)

    def _below(self) -> contextlib.AbstractContextManager[object]:
        """The table of hosts below the lines, where there is a terminal; it is gone afterwards."""
        if not self._console.is_terminal:
            return contextlib.nullcontext()
        return Live(get_renderable=self._table, console=self._console, refresh_per_second=REFRESH_PER_SECOND, transient=True)

    def feed(self, entry: Entry) -> None:
        """Tell one entry, where it is worth a line."""
        self._now = max(self._now, entry.at)
        self._follow(entry)
        moment = self._narrator.tell(entry)
        if moment is None:
            return
        if moment.host:
            self._hosts[moment.host] = moment
        if moment.tone not in QUIET:
            self._console.print(line_of(moment), soft_wrap=True)

    def _follow(self, entry: Entry) -> None:
        match entry.fact:
            case MoverStarted():
                self._phase = "the mover starts"
            case MoverSaid(phase=phase) if phase:
                self._phase = f"move: {phase}"
            case MoverEnded(code=code):
                self._phase = f"the move ended with {code}"

    def _table(self) -> RenderableType:
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_row(Text(f"{self._now:8.1f} s"), Text(self._phase or "no move yet", style="cyan"))
        shown = sorted(self._hosts.items())[:MOST_HOSTS_BELOW]
        for host, moment in shown:
            table.add_row(Text(host, style="bold"), Text(shown_text(moment)[: self._console.width - 20]))
        if len(self._hosts) > len(shown):
            table.add_row(Text("…"), Text(f"{len(self._hosts) - len(shown)} more hosts", style="dim"))
        return table


def shown_text(moment: Moment) -> str:
    """When, and what happened."""
    return printable(masked(f"{when(moment.since, moment.at)}  {moment.text}"))


def line_of(moment: Moment) -> Text:
    """One line: wall-clock time and seconds of the run, actor, host, what happened."""
    about = f"{moment.host}: " if moment.host else ""
    free = " (it runs nothing)" if moment.tone == "free" else ""
    text = f"{moment.clock:8}{when(moment.since, moment.at):>18}  {moment.actor:<14} {about}{moment.text}{free}"
    return Text(printable(masked(text)), style=STYLES.get(moment.tone, ""))


def print_conclusion(directory: Path, console: Console | None = None) -> None:
    """The end of a judged run directory, as `print_verdict` tells it."""
    entries = list(read(directory / FILE_NAME))
    print_verdict(console or console_on(sys.stdout), read_verdict(directory / VERDICT_FILE), entries)


FORETOLD = ("moves", "stays", "made anew", "is lost")
"""What is said of objects before a move."""


def print_examination(
    said: Sequence[tuple[str, Judgement]], verdict: str, console: Console | None = None, fates: Verdict | None = None
) -> None:
    """What each pre-flight check says, the worst first, what a move would do with each kind, and the verdict of all as the last line."""
    console = console or console_on(sys.stdout)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("verdict", "host", "check", "says"):
        table.add_column(heading, overflow="fold")
    for check, judgement in sorted(said, key=lambda one: ORDER[one[1].verdict]):
        words = [judgement.host or "-", check, masked(judgement.says)]
        table.add_row(Text(judgement.verdict, style=COLOURS[judgement.verdict]), *(Text(printable(word)) for word in words))
    if said:
        console.print(table)
    for word, says in fates_told(fates or {}, FORETOLD):
        console.print(Text(printable(f"{word:10} {says}")), soft_wrap=True)
    console.print(Text(verdict, style=COLOURS.get(verdict, "")))


def print_verdict(console: Console, verdict: Verdict, entries: list[Entry]) -> None:
    """The end of a run: the table host x witness, the story of each failure, the headline, and the verdict as the last line."""
    if verdict["hosts"]:
        console.print(host_table(verdict))
    for story in failure_narratives(verdict, moments(entries), entries):
        _print_story(console, story)
    if seen := seen_told(verdict):
        console.print(Text(printable(f"seen: {seen}"), style="dim"), soft_wrap=True)
    console.print(Text(printable(masked(headline_of(verdict)))), soft_wrap=True)
    counts = {word: sum(check["verdict"] == word for check in verdict["checks"]) for word in ("fail", "unknown", "pass")}
    summary = ", ".join(f"{count} {word}" for word, count in counts.items())
    said = Text(verdict["verdict"], style=COLOURS.get(verdict["verdict"], ""))
    console.print(said.append(printable(f"  {verdict['scenario']} on {verdict['lab']}: checks {summary}"), style="none"))


def host_table(verdict: Verdict) -> Table:
    """Host x witness; and why, where a host did not pass."""
    columns = witness_columns(verdict)
    lines = host_lines(verdict, columns)
    explained = any(line.why for line in lines)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("host", "verdict", *columns, *(["why"] if explained else [])):
        table.add_column(heading, overflow="fold")
    for line in lines:
        words = [line.verdict, *line.witnesses]
        cells = [Text(word or "-", style=COLOURS.get(word, "")) for word in words]
        table.add_row(Text(printable(line.name)), *cells, *([Text(line.why)] if explained else []))
    return table


def _print_story(console: Console, story: FailureNarrative) -> None:
    console.print()
    console.print(Text(printable(f"{story.about}: {story.verdict}"), style=COLOURS[story.verdict]))
    for verdict, checks, says in story.said:
        console.print(Text(printable(masked(f"  {verdict}  {checks}: {says}"))), soft_wrap=True)
    told = [line for line in story.lines if line.proves or line.moment.tone not in QUIET]
    # What came first led to the rest.
    shown = sorted(
        sorted(told, key=lambda line: (not line.proves, line.moment.seq))[:LONGEST_STORY_HERE], key=lambda line: line.moment.seq
    )
    for line in shown:
        console.print(Text("  > " if line.proves else "    ").append_text(line_of(line.moment)), soft_wrap=True)
    left_out = story.left_out + len(told) - len(shown)
    if left_out:
        console.print(Text(f"    … {left_out} lesser moments are left out; report.html has more", style="dim"))
    console.print()
