"""Where a run's artefacts go: a directory of its own, made fresh, never mixed with another run's; and how they are read again."""

import itertools
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from harness.errors import JournalError, UsageError
from harness.journal.entry import Entry
from harness.journal.journal import FILE_NAME as JOURNAL_NAME
from harness.journal.journal import read

RUNS = Path("runs")
VERDICT_FILE = "verdict.json"
NAME_MAX = 80


def make_run_directory(out: Path | None, name: str) -> Path:
    """Make `out`, or `runs/<UTC time>-<name>/`. UsageError, with the cure, where that cannot be or is not empty."""
    return _make(out) if out else _make_default(re.sub(r"[^\w.-]+", "_", name).strip(".")[:NAME_MAX] or "run")


def existing_run(directory: Path) -> Path:
    """The directory, when it is a run's. UsageError, with the cure, where it is not."""
    if directory.is_file():
        raise UsageError(f"{directory}: this is a file; name its directory, {directory.parent}")
    if not directory.is_dir():
        raise UsageError(f"{directory}: there is no such directory; name a run directory, like those in {RUNS}/")
    if not (directory / JOURNAL_NAME).is_file():
        raise UsageError(f"{directory}: no {JOURNAL_NAME} in it, so this is not a run directory; `harness run` makes them")
    return directory


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: beside its place first, then renamed; a link that stands there is replaced, not followed.

    Raises OSError, with the file as it was and nothing beside it.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as file:
            file.write(content)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from error


def _make(directory: Path) -> Path:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        occupied = next(directory.iterdir(), None)
    except (FileExistsError, NotADirectoryError):
        raise UsageError(f"{directory}: a file stands in the way; name a directory that is not there yet") from None
    except OSError as error:
        raise UsageError(f"{directory}: cannot be made ({error.strerror}); name a place you may write, by --out") from None
    if occupied is not None:
        raise UsageError(f"{directory}: not empty ({occupied.name} is in it); name a directory that is not there yet")
    _prove_writable(directory)
    return directory


def _make_default(name: str) -> Path:
    stem = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{name}"
    if RUNS.exists() and not RUNS.is_dir():
        raise UsageError(f"{RUNS}: a file stands where runs are kept; name another place by --out")
    for number in itertools.count(1):
        directory = RUNS / (stem if number == 1 else f"{stem}-{number}")
        try:
            directory.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise UsageError(f"{directory}: cannot be made ({error.strerror}); name a place you may write, by --out") from None
        return directory
    raise AssertionError("there is always a next number")


def _prove_writable(directory: Path) -> None:
    probe = directory / ".writable"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise UsageError(f"{directory}: cannot be written ({error.strerror}); name a place you may write") from None


def entries_of(run: Path) -> list[Entry]:
    """The journal of a run; empty where it cannot be read."""
    try:
        return list(read(run / JOURNAL_NAME))
    except (OSError, JournalError):
        return []


def json_of(path: Path) -> Any:
    """The document of a file, None where there is none."""
    return msgspec.json.decode(path.read_bytes()) if path.exists() else None
