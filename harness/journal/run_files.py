"""What a run directory holds, read as far as it can be."""

from pathlib import Path
from typing import Any

import msgspec

from harness.errors import JournalError
from harness.journal.entry import Entry
from harness.journal.journal import FILE_NAME, read


def entries_of(run: Path) -> list[Entry]:
    """The journal of a run; empty where it cannot be read."""
    try:
        return list(read(run / FILE_NAME))
    except (OSError, JournalError):
        return []


def json_of(path: Path) -> Any:
    """The document of a file, None where there is none."""
    return msgspec.json.decode(path.read_bytes()) if path.exists() else None
