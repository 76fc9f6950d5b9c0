"""Foreign recordings -> a run directory: the judge's real input.

Recordings may be missing or have gaps; the journal records that, and affected checks are unknown.
"""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from harness.files.words import WordFiles
from harness.journal import facts
from harness.journal.journal import FILE_NAME, Journal, require_readable
from harness.run.recordings import RecordingError, RecordingLine, RecordingRow, choose, known_recordings, read_rows
from harness.verdict.promise import promised_checks

__all__ = ["RecordingError", "import_recordings"]


class Timed(NamedTuple):
    """A fact with its interval in Unix seconds, before the run's clock is known."""

    since: float
    at: float
    fact: facts.AnyFact


def import_recordings(files: list[Path], out: Path, words: WordFiles | None = None) -> tuple[Path, list[str]]:
    """Write `out/journal.jsonl` from recordings (files, or directories that hold them).

    Returns the journal's path and notes for the user (what was left out, what is torn). Raises RecordingError.
    """
    if (out / FILE_NAME).exists():
        raise RecordingError(f"{out}: holds a journal already; name another --out")
    chosen, notes = choose(files)
    lines: list[RecordingRow] = []
    for kind, path in chosen.items():
        rows, torn = read_rows(path, kind)
        lines += rows
        if torn:
            notes.append(f"{path}: torn off after line {len(rows)}; what follows was not seen")
    if not lines:
        raise RecordingError("nothing to import: no recording has a single row")
    lines.sort(key=attrgetter("at"))
    write_journal(lines, out, lab=next(iter(chosen.values())).resolve().parent.name, words=words or WordFiles())
    missing = [kind for kind in known_recordings() if kind not in chosen]
    if missing:
        notes.append(f"not given: {', '.join(missing)}; the judge is blind there")
    return out / FILE_NAME, notes


def write_journal(lines: list[RecordingRow], out: Path, *, lab: str, words: WordFiles) -> None:
    """Write the journal of rows that are sorted by time."""
    promised = promised_checks(words, "import")
    began = min([line.at for line in lines] + [line.row["t0"] for line in lines if "t0" in line.row])
    timed_facts = [*edges_missing_at_start(lines), *facts_of(lines)]
    with contextlib.closing(Journal(out)) as journal:
        journal.record(run_began(lines, began, lab, words, promised), at=0.0)
        for timed in timed_facts:
            journal.record(timed.fact, since=max(0.0, timed.since - began), at=timed.at - began)
        journal.record(facts.RunEnded(how="done"), at=max([0.0, *(timed.at - began for timed in timed_facts)]))


def run_began(lines: list[RecordingRow], began: float, lab: str, words: WordFiles, promised: list[str]) -> facts.RunBegan:
    """The first fact: which checks are promised to be kept, and the namespace of the hosts."""
    namespaces = [line.row["ns"] for line in lines if line.row.get("kind") == "BareMetalHost" and line.row.get("ns")]
    return facts.RunBegan(
        scenario="import",
        lab=lab,
        started=datetime.fromtimestamp(began, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        mode="import",
        expectations=[facts.Expectation(check=check) for check in promised],
        namespace=namespaces[0] if namespaces else "",
        words=words.origins(),
        started_fraction=round(began % 1, 3),
    )


def edges_missing_at_start(lines: list[RecordingRow]) -> Iterator[Timed]:
    """A recording without its `begins` was not seen from its start: a hole up to its first row."""
    for kind in dict.fromkeys(line.kind for line in lines):
        own = [line for line in lines if line.kind == kind]
        if not any(line.row.get("sight") == "begins" for line in own):
            sight, first = known_recordings()[kind].sight, own[0].at
            yield Timed(first, first, facts.SightBegan(sight=sight))
            yield Timed(first, first, facts.SightLost(sight=sight, says="the recording has no beginning"))
            yield Timed(first, first, facts.SightRegained(sight=sight, complete=False))


def facts_of(lines: list[RecordingRow]) -> Iterator[Timed]:
    """The fact of each row that has one, with its interval."""
    converters = {stem: recording.converter() for stem, recording in known_recordings().items()}
    for line in lines:
        try:
            if "sight" in line.row:
                yield Timed(line.at, line.at, sight_fact(line.row, known_recordings()[line.kind].sight))
            elif converted := converters[line.kind](line.row):
                require_readable(converted[1])
                yield Timed(converted[0], line.at, converted[1])
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError, msgspec.ValidationError) as error:
            says = f"not a row of {line.kind}.jsonl ({type(error).__name__} {error}); cut the file before this line or mend it"
            raise RecordingError(f"{line.place}: {says}") from error


def sight_fact(row: RecordingLine, sight: facts.SightName) -> facts.AnyFact:
    """`begins`, `lost`, `regained`, `ends`, for all or for one cluster, kind, host."""
    where: dict[str, Any] = {name: str(row[name]) for name in ("cluster", "kind", "host") if row.get(name)}
    if row.get("ironic"):
        where["cluster"] = str(row["ironic"])
    match row["sight"]:
        case "begins":
            return facts.SightBegan(sight=sight, **where)
        case "lost":
            return facts.SightLost(sight=sight, says=str(row.get("why") or ""), **where)
        case "regained":
            return facts.SightRegained(sight=sight, complete=False, **where)
        case "ends":
            return facts.SightEnded(sight=sight, complete=True, **where)
        case other:
            raise ValueError(f"sight {other!r} is none of begins, lost, regained, ends")
