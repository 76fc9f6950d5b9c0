"""All documents of a run directory, from its journal and its verdict."""

from pathlib import Path

import msgspec

from bmc.plugins import Plugins
from harness.errors import UsageError
from harness.journal.entry import Entry
from harness.journal.journal import FILE_NAME, read
from harness.journal.run_directory import VERDICT_FILE, write_whole
from harness.report import documents
from harness.report.certificate.envelope import Signer, is_envelope
from harness.report.document import Document, JudgedRun
from harness.report.stories import Verdict

DOCUMENTS = Plugins(documents, "DOCUMENT", Document)
"""Each file in `documents` is one."""


SUPERSEDED = "certificate.superseded.json"
"""Where a signed certificate goes that no longer says what the run says now: nobody here could make it again."""


def write_reports(directory: Path, signer: Signer | None = None, entries: list[Entry] | None = None) -> list[Path]:
    """Write every document into a judged run directory; `signer` signs the certificate. Answers what was written, or put aside.

    `entries`: those of the journal, where they were read already.
    Raises UsageError where there is no verdict, JournalError where there is no journal.
    """
    journal = directory / FILE_NAME
    run = JudgedRun(read_verdict(directory / VERDICT_FILE), entries or list(read(journal)), journal, signer)
    texts = {directory / document.file: document.render(run) for document in DOCUMENTS.values()}
    aside: list[Path] = []
    for path, text in texts.items():
        if path.is_file() and is_envelope(path.read_bytes()) and path.read_bytes() != text.encode():
            aside.append(path.replace(directory / SUPERSEDED))
        write_whole(path, text.encode())
    return [*texts, *aside]


def read_verdict(path: Path) -> Verdict:
    """The verdict of a run; UsageError with the cure where it cannot be read."""
    try:
        found: Verdict = msgspec.json.decode(path.read_bytes(), type=dict[str, object])
    except OSError as error:
        raise UsageError(f"{path}: no verdict can be read there ({error.strerror}); run `harness judge` first") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: damaged ({error}); run `harness judge` again") from error
    return found
