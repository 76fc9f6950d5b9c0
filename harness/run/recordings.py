"""Finding and reading foreign recordings: whose a file is, its rows in order, and whether its end is torn off.

One JSON object a line, plain or xz; `watch`, `audit`, `bmc`, `ironic`, `mover`: a source of sight says whether it has one. Ground
truth (`truth.jsonl`) is never read.
"""

import functools
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from harness.sight.source import Recording

SUFFIXES = (".jsonl", ".jsonl.xz")
IGNORED = ("truth", "README", "expect", "fields", "FORMAT")

LAST_SECOND = 1e11
"""Later times are in other units, or no times at all."""

RECORDING_BYTES_MAX = 1 << 30
"""All rows of a recording are in memory, to be sorted: as many as a large machine holds."""
LINE_BYTES_MAX = 1 << 26
CHUNK_BYTES = 1 << 16

RecordingLine = dict[str, Any]


class RecordingError(Exception):
    """Files that are no recording, or a broken one; the text names file, line and cure."""


class RecordingRow(NamedTuple):
    """One row and where it stands."""

    at: float
    kind: str
    row: RecordingLine
    place: str


@functools.cache
def known_recordings() -> dict[str, Recording]:
    """Every recording that a source of sight can import, by the stem of its file's name."""
    from harness.sight.watchers import SOURCES

    return {source.recording.stem: source.recording for source in SOURCES.values() if source.recording}


def choose(files: list[Path]) -> tuple[dict[str, Path], list[str]]:
    """Whose recording each path is; notes on those that are none but may lie beside them."""
    chosen: dict[str, Path] = {}
    notes: list[str] = []
    for path in expand(files):
        stem = path.name.split(".")[0]
        if stem not in known_recordings():
            if stem in IGNORED:
                notes.append(f"{path}: not read (not a recording of what was seen)")
                continue
            raise RecordingError(
                f"{path}: not a recording; known are {', '.join(kind + '.jsonl[.xz]' for kind in known_recordings())}"
            )
        if stem in chosen:
            raise RecordingError(f"{path}: {chosen[stem]} is a recording of the same kind; import one run at a time")
        chosen[stem] = path
    if not chosen:
        raise RecordingError("no recording is there; give watch.jsonl.xz, bmc.jsonl.xz, ... or the directory that holds them")
    return chosen, notes


def expand(files: list[Path]) -> Iterator[Path]:
    """Directories become the recordings in them; a path that is not there is an error."""
    for path in files:
        if path.is_dir():
            yield from sorted(
                file for file in path.iterdir() if file.name.endswith(SUFFIXES) and file.name.split(".")[0] in known_recordings()
            )
        elif path.exists():
            yield path
        else:
            raise RecordingError(f"{path}: no such file or directory")


def read_rows(path: Path, kind: str) -> tuple[list[RecordingRow], bool]:
    """The rows of one file in order, and whether its end is torn off."""
    rows: list[RecordingRow] = []
    rest, number, unpacked, torn = b"", 0, 0, False
    for chunk, ends_early in _chunks(path):
        unpacked += len(chunk)
        torn = torn or ends_early
        *texts, rest = (rest + chunk).split(b"\n")
        if unpacked > RECORDING_BYTES_MAX or len(rest) > LINE_BYTES_MAX:
            raise RecordingError(f"{path}:{number + len(texts) + 1}: {_too_long(unpacked)}")
        rows += [parse(text, kind, f"{path}:{here}") for here, text in enumerate(texts, number + 1) if text.strip()]
        number += len(texts)
    return rows, bool(rest) or torn


def _too_long(unpacked: int) -> str:
    if unpacked > RECORDING_BYTES_MAX:
        return f"more than {RECORDING_BYTES_MAX >> 20} MiB are no recording of a move; cut the file to the time of the move"
    return f"a line of more than {LINE_BYTES_MAX >> 20} MiB is no row of a recording; cut the file before this line or mend it"


def _chunks(path: Path) -> Iterator[tuple[bytes, bool]]:
    """The file's content piece by piece, unpacked where it is xz; the last piece says whether its end is torn off."""
    opened = lzma.open if path.suffix == ".xz" else open
    began = False
    try:
        with opened(path, "rb") as file:
            while chunk := file.read1(CHUNK_BYTES):
                began = True
                yield chunk, False
    except (lzma.LZMAError, EOFError) as error:
        if not began:
            raise RecordingError(f"{path}: not an xz file ({error}); unpack it or name another") from error
        yield b"", True
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror})") from error


def parse(text: bytes, kind: str, place: str) -> RecordingRow:
    """One row; RecordingError where it is no JSON object with a time."""
    try:
        row = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordingError(f"{place}: not JSON ({error}); cut the file before this line or mend it") from error
    if not isinstance(row, dict) or not isinstance(row.get("at"), int | float):
        raise RecordingError(f'{place}: not a row of a recording: a JSON object with a number "at" is expected')
    if not 0 <= row["at"] <= LAST_SECOND:
        raise RecordingError(f"{place}: {row['at']:g} is no time in seconds since 1970; cut the file before this line or mend it")
    return RecordingRow(row["at"], kind, row, place)
