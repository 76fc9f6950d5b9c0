"""What a document of a run directory is, and what it is made from."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from harness.journal.entry import Entry
from harness.report.stories import Verdict


class JudgedRun(NamedTuple):
    """A run's verdict, its entries, and the journal that they were read from."""

    verdict: Verdict
    entries: list[Entry]
    journal: Path


class Document(NamedTuple):
    """The name of a file in the run directory, and what makes its text."""

    file: str
    render: Callable[[JudgedRun], str]
