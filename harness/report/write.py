"""All documents of a run directory, from its journal and its verdict."""

from pathlib import Path

import msgspec

from harness.errors import UsageError
from harness.journal.journal import FILE_NAME, read
from harness.report.certificate import render_certificate
from harness.report.junit import render_junit
from harness.report.page import render_html
from harness.report.sequence import render_sequence
from harness.report.stories import Verdict

VERDICT_FILE = "verdict.json"


def write_reports(directory: Path) -> list[Path]:
    """Write `report.html`, `junit.xml`, `sequence.md` and `certificate.json` into a judged run directory.

    Raises UsageError where there is no verdict, JournalError where there is no journal.
    """
    verdict = read_verdict(directory / VERDICT_FILE)
    journal = directory / FILE_NAME
    entries = list(read(journal))
    documents = {
        "report.html": render_html(verdict, entries),
        "junit.xml": render_junit(verdict, entries),
        "sequence.md": render_sequence(verdict, entries),
        "certificate.json": render_certificate(verdict, entries, journal),
    }
    for name, text in documents.items():
        (directory / name).write_text(text, encoding="utf-8")
    return [directory / name for name in documents]


def read_verdict(path: Path) -> Verdict:
    """The verdict of a run; UsageError with the cure where it cannot be read."""
    try:
        found: Verdict = msgspec.json.decode(path.read_bytes(), type=dict[str, object])
    except OSError as error:
        raise UsageError(f"{path}: no verdict can be read there ({error.strerror}); run `harness judge` first") from error
    except msgspec.DecodeError as error:
        raise UsageError(f"{path}: damaged ({error}); run `harness judge` again") from error
    return found
