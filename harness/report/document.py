"""What a document of a run directory is, and what it is made from."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from harness.journal.entry import Entry
from harness.report.certificate.envelope import Signer
from harness.report.stories import Verdict


class JudgedRun(NamedTuple):
    """A run's verdict, its entries, and the journal that they were read from; `signer` signs its certificate, where a user asked for it."""

    verdict: Verdict
    entries: list[Entry]
    journal: Path
    signer: Signer | None = None


class Document(NamedTuple):
    """The name of a file in the run directory, and what makes its text."""

    file: str
    render: Callable[[JudgedRun], str]
