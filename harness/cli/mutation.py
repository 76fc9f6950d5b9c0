"""`harness judge DIR --mutate`: plant every defect of the catalogue in a run that passes, and tell what the judge made of each."""

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from harness.catalogue.planting.expected import NotApplicableError
from harness.catalogue.planting.good_run import GoodRun
from harness.catalogue.trial.classes import load, words
from harness.catalogue.trial.table import all_good, document, header, row, summary
from harness.catalogue.trial.trial import Tried, try_class
from harness.errors import UsageError
from harness.exits import Exit
from harness.files.problems import advice, printable, quote
from harness.journal.entry import Entry
from harness.journal.journal import FILE_NAME, read
from harness.verdict.judge import judge_entries


def mutate(directory: Path, classes: list[str], seeds: int, json_file: Path | None) -> int:
    """Try the classes (all where none is named) on a run, and print the table; 0 only where the judge told everything rightly."""
    chosen = chosen_classes(classes)
    run = good_run(directory, list(read(directory / FILE_NAME)))
    width = max(len(word) for word in chosen)
    say(header(width))
    tried: list[Tried] = []
    for one in trials(run, chosen, seeds):
        tried.append(one)
        say(row(one, width))
    say(summary(tried))
    if json_file:
        json_file.write_bytes(msgspec.json.format(msgspec.json.encode(document(tried)), indent=2) + b"\n")
    return Exit.PASS if all_good(tried) else Exit.FAIL


def trials(run: GoodRun, chosen: list[str], seeds: int) -> Iterator[Tried]:
    """Each class in turn, with progress on a terminal."""
    for number, word in enumerate(chosen, 1):
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K[{number}/{len(chosen)}] {word}")
            sys.stderr.flush()
        tried = try_class(run, load(word), seeds)
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
        yield tried


def chosen_classes(asked: list[str]) -> list[str]:
    """The words that were asked for; all where none was. UsageError for those that there are not."""
    known = words()
    wrong = [f"there is no class {quote(word)}{advice(word, known)}" for word in asked if word not in known]
    if wrong:
        raise UsageError("\n".join(wrong))
    return list(dict.fromkeys(asked)) or known


def good_run(directory: Path, entries: list[Entry]) -> GoodRun:
    """The run, decoded once. UsageError where it does not pass: a defect in a run that fails proves nothing."""
    verdict = judge_entries(entries)["verdict"]
    if verdict != "pass":
        raise UsageError(f"{directory}: this run's verdict is {verdict}; defects are planted only in a run that passes")
    try:
        return GoodRun(entries)
    except NotApplicableError as error:
        raise UsageError(f"{directory}: defects cannot be planted in this run: it needs {error}") from error


def say(text: str) -> None:
    """Print lines at once, so that they appear as they come in a pipe too."""
    sys.stdout.write(f"{printable(text) if chr(10) not in text else text}\n")
    sys.stdout.flush()
