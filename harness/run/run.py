"""One run: start the lab, watch it, perform the scenario, judge. All tasks begin here."""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal, NamedTuple

from harness.bench.bench import Bench
from harness.bench.connect import open_bench
from harness.bench.switch_on import switched_on
from harness.bench.undo import kept, undo_unfinished, unfinished
from harness.errors import (
    BadWordError,
    HeldError,
    JournalBrokenError,
    LabBrokeError,
    LeaseLostError,
    PreflightFailedError,
    StepFailedError,
    UnwrittenVerdictError,
    UsageError,
)
from harness.files.problems import BadFilesError
from harness.files.words import WordFiles
from harness.journal.entry import Entry
from harness.journal.facts import Expectation, RunBegan, RunEnded
from harness.journal.journal import Journal, read
from harness.judgement import VerdictWord
from harness.kube.errors import ClusterError
from harness.lab.model import AnyLab, EmbeddedLab
from harness.processes.ending import on_stop_signals
from harness.report import write_reports
from harness.report.certificate.envelope import Signer
from harness.report.terminal import LiveReport, console_on, print_verdict
from harness.run.garbage import survivors_kept
from harness.run.interruption import running_mover, stopped_by_signals
from harness.scenario.model import Node, Scenario, Step
from harness.scenario.perform import Performer, first_cause, planned_steps
from harness.verdict.judge import judge_entries, uncollected, write_verdict
from harness.verdict.preflight import preflight_expectations
from harness.verdict.promise import promised_checks

CLOSE_SECONDS = 60.0

Ending = tuple[Literal["done", "refused", "failed", "interrupted", "lab-broke", "bug"], str]
RunBody = Callable[[Bench], Awaitable[None]]


OnInterrupt = Literal["", "leave", "stop"]
"""What becomes of a mover when its run is broken off; empty: it is stopped where the lab ends with the run, else it goes on."""


class Papers(NamedTuple):
    """What the papers of a run take besides its journal: the words that judge it, and who signs."""

    words: WordFiles
    signer: Signer | None


async def run_scenario(  # noqa: PLR0913 - the options of the command
    scenario: Scenario,
    lab: AnyLab,
    directory: Path,
    words: WordFiles | None = None,
    signer: Signer | None = None,
    *,
    on_interrupt: OnInterrupt = "",
    backup: Path | None = None,
) -> VerdictWord:
    """Run a scenario on a lab and judge it; verdict and documents are written to `directory`, the certificate signed by `signer`.

    `on_interrupt`: what becomes of the mover when the run is broken off. `backup`: where what is moved is kept before.
    Raises LabBrokeError if the lab does not start; any other failure is recorded in the journal.
    """
    words = words or WordFiles()
    now = datetime.now(UTC)
    began = RunBegan(
        scenario=scenario.name,
        lab=lab.name,
        started=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        mode="run",
        expectations=[*expected_of_preflights(scenario.steps, words), *scenario.expectations],
        unclaimed=lab.unclaimed,
        version=version("metal3-pivot-harness"),
        words=words.origins(),
        promise=scenario.promise,
        steps=planned_steps(scenario.steps),
        started_fraction=fraction(now),
        backup=str(backup or ""),
    )

    async def body(bench: Bench) -> None:
        bench.words, bench.backup = words, backup
        bench.ends_mover = on_interrupt == "stop" or (not on_interrupt and isinstance(lab, EmbeddedLab))
        await Performer(bench).perform(scenario.steps)

    return await _run(lab, directory, began, body, Papers(words, signer))


async def watch(  # noqa: PLR0913 - the options of the command
    lab: AnyLab,
    directory: Path,
    *,
    seconds: float | None = None,
    steady: bool = False,
    words: WordFiles | None = None,
    signer: Signer | None = None,
) -> VerdictWord:
    """Witness somebody else's pivot, read-only, for so many seconds or until cancelled; then judge.

    `steady`: hosts are promised to stay as they are from the beginning, also if nobody moves anything.
    """
    words = words or WordFiles()
    now = datetime.now(UTC)
    began = RunBegan(
        scenario="watch",
        lab=lab.name,
        started=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        mode="watch",
        expectations=[Expectation(check=word) for word in promised_checks(words, "watch", steady=steady)],
        unclaimed=lab.unclaimed,
        version=version("metal3-pivot-harness"),
        words=words.origins(),
        promise="steady" if steady else "move",
        started_fraction=fraction(now),
    )

    async def look(_: Bench) -> None:
        await _until_signalled(seconds)

    return await _run(lab, directory, began, look, Papers(words, signer))


def fraction(moment: datetime) -> float:
    """The part of a second that a time in whole seconds leaves out."""
    return round(moment.microsecond / 1_000_000, 3)


def expected_of_preflights(nodes: tuple[Node, ...], words: WordFiles) -> list[Expectation]:
    """What a scenario's pre-flight steps promise, each over its own block, so that judging again gives the same."""
    steps = [node for node in nodes if isinstance(node, Step) and node.call.word.name == "preflight"]
    own = [
        item
        for node in steps
        for item in preflight_expectations(words, {"origin": "source"} | node.call.arguments, block=node.path)
    ]
    return own + [item for node in nodes if not isinstance(node, Step) for item in expected_of_preflights(node.nodes, words)]


async def _run(lab: AnyLab, directory: Path, began: RunBegan, body: RunBody, papers: Papers) -> VerdictWord:
    """Start the lab and watchers, run `body`, take a final look, judge. Errors are recorded before they are raised."""
    journal = Journal(directory)
    trouble: BaseException | None = None
    how: Ending = ("bug", "")
    try:
        async with LiveReport(journal, directory):
            try:
                with survivors_kept():
                    how = await _with_lab(lab, directory, journal, began, body)
            except BaseException as error:  # noqa: BLE001 - recorded and judged first, raised below
                trouble = first_cause(error)
                how = ending_of(trouble)
            journal.record(RunEnded(how=how[0], says=how[1]))
    finally:
        broken = _closed(journal)
    # Where all is on the disk, what is held in memory is the same; else the file alone is evidence.
    entries = list(read(journal.path)) if broken else journal.entries
    sys.stderr.write(left_behind(journal.entries, how[0], directory, ends=isinstance(lab, EmbeddedLab)))
    if isinstance(trouble, HeldError) and how[0] == "refused":
        raise trouble  # nothing was looked at, so there is nothing to judge, and it shall be told at once
    verdict = _judged(directory, entries, papers)
    if broken and verdict != "fail":
        raise broken
    if isinstance(trouble, ClusterError):
        raise LabBrokeError(str(trouble)) from trouble
    if trouble is not None:
        raise trouble
    if how[0] == "interrupted":
        raise KeyboardInterrupt
    return verdict


def left_behind(entries: list[Entry], how: str, directory: Path, *, ends: bool) -> str:
    """The line that tells what leads on where a run left something behind; empty where its lab `ends` with it, or nothing is left."""
    if ends:
        return ""
    if left := running_mover(entries):
        return f"the mover goes on without us (process {left.pid}); see where it stands by `harness recover {directory}`\n"
    if how in ("done", "refused") or not (kept(entries) or unfinished(entries)):
        return ""
    return f"the run left something behind; what it is, and what leads on, tells `harness recover {directory}`\n"


def _closed(journal: Journal) -> JournalBrokenError | None:
    """Close the journal; answers what kept it from being written to its end."""
    try:
        journal.close()
    except JournalBrokenError as error:
        return error
    return None


def _judged(directory: Path, entries: list[Entry], papers: Papers) -> VerdictWord:
    """Judge, and write the papers. UnwrittenVerdictError where they cannot be written: the verdict was printed then."""
    with uncollected():
        verdict = judge_entries(entries, words=papers.words)
        word: VerdictWord = verdict["verdict"]
        try:
            write_verdict(directory, verdict)
            write_reports(directory, papers.signer, entries)
        except OSError as error:
            print_verdict(console_on(sys.stdout), verdict, entries)
            raise UnwrittenVerdictError(directory, word, error) from error
    return word


async def _with_lab(lab: AnyLab, directory: Path, journal: Journal, began: RunBegan, body: RunBody) -> Ending:
    async with AsyncExitStack() as stack:
        embedded = isinstance(lab, EmbeddedLab)
        real = await stack.enter_async_context(switched_on(lab, directory / "logs")) if isinstance(lab, EmbeddedLab) else lab
        own = () if began.mode == "run" else None  # who only watches holds no Lease
        bench, watchers = await stack.enter_async_context(open_bench(real, directory, journal, began, own))
        try:
            how = await _until_stopped(body, bench)
        except BadWordError:
            # A crash in a word of the user's own leaves the lab as it was found, as any other end does.
            await undo_unfinished(bench, "failed", embedded=embedded)
            raise
        await undo_unfinished(bench, how[0], embedded=embedded)
        async with asyncio.timeout(CLOSE_SECONDS):
            await watchers.close()
        return how


async def _until_stopped(body: RunBody, bench: Bench) -> Ending:
    """Run `body` to its end, or until SIGINT or SIGTERM; returns how it ended."""
    task: asyncio.Future[None] = asyncio.ensure_future(body(bench))
    try:
        with stopped_by_signals(task.cancel, bench):
            await asyncio.wait([task])
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait([task])
    if task.cancelled():
        return ("interrupted", "stopped by a signal")
    error = task.exception()
    if error is None:
        return ("done", "")
    cause = first_cause(error)
    if isinstance(cause, PreflightFailedError):
        return ("refused", str(cause))
    if isinstance(cause, StepFailedError):
        return ("failed", str(cause))
    raise cause


def ending_of(error: BaseException) -> Ending:
    """How a run ended, by the exception that ended it."""
    if isinstance(error, LabBrokeError | ClusterError | LeaseLostError):
        return ("lab-broke", str(error))
    if isinstance(error, asyncio.CancelledError | KeyboardInterrupt):
        return ("interrupted", "stopped by a signal")
    if isinstance(error, UsageError | BadFilesError | HeldError):
        return ("refused", str(error))
    if isinstance(error, JournalBrokenError):
        return ("failed", str(error))
    if isinstance(error, BadWordError):
        return ("bug", str(error))
    return ("bug", f"{type(error).__name__}: {error}")


async def _until_signalled(seconds: float | None) -> None:
    """Wait until the time is up, or for SIGINT or SIGTERM, the normal ways to end a watch."""
    told = asyncio.Event()
    with on_stop_signals(told.set), contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await told.wait()
