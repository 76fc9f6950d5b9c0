"""Foreign recordings -> a run directory: the judge's real input.

Recordings may be missing or have gaps; the journal records that, and affected checks are unknown.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from harness.journal import facts
from harness.journal.journal import FILE_NAME, Journal
from harness.journal.mover_lines import phase_of
from harness.run.recordings import KINDS, RecordingError, RecordingLine, RecordingRow, choose, read_rows
from harness.scenario.promises import IMPORTED

__all__ = ["RecordingError", "import_recordings"]

WATCH_LATENESS_SECONDS = 0.3
"""Maximum delay between an event and the timestamp of its watch row (see the format's description)."""

IRONIC_POLL_SECONDS = 0.5
SIGHTS: dict[str, facts.SightName] = {
    "watch": "kube",
    "audit": "audit",
    "bmc": "bmc_requests",
    "ironic": "ironic",
    "mover": "mover",
}


class Timed(NamedTuple):
    """A fact with its interval in Unix seconds, before the run's clock is known."""

    since: float
    at: float
    fact: facts.AnyFact


def import_recordings(files: list[Path], out: Path) -> tuple[Path, list[str]]:
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
    write_journal(lines, out, lab=next(iter(chosen.values())).resolve().parent.name)
    missing = [kind for kind in KINDS if kind not in chosen]
    if missing:
        notes.append(f"not given: {', '.join(missing)}; the judge is blind there")
    return out / FILE_NAME, notes


def write_journal(lines: list[RecordingRow], out: Path, *, lab: str) -> None:
    """Write the journal of rows that are sorted by time."""
    began = min([line.at for line in lines] + [line.row["t0"] for line in lines if "t0" in line.row])
    journal = Journal(out)
    journal.record(run_began(lines, began, lab), at=0.0)
    mover = Movers()
    last = 0.0
    for timed in [*edges_missing_at_start(lines), *(timed for line in lines for timed in convert(line, mover))]:
        last = max(last, timed.at - began)
        journal.record(timed.fact, since=max(0.0, timed.since - began), at=timed.at - began)
    journal.record(facts.RunEnded(how="done"), at=last)
    journal.close()


def run_began(lines: list[RecordingRow], began: float, lab: str) -> facts.RunBegan:
    """The first fact: which promises are judged, and the namespace of the hosts."""
    namespaces = [line.row["ns"] for line in lines if line.row.get("kind") == "BareMetalHost" and line.row.get("ns")]
    return facts.RunBegan(
        scenario="import",
        lab=lab,
        started=datetime.fromtimestamp(began, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        mode="import",
        expectations=[facts.Expectation(check=check) for check in IMPORTED],
        namespace=namespaces[0] if namespaces else "",
    )


def edges_missing_at_start(lines: list[RecordingRow]) -> Iterator[Timed]:
    """A recording without its `begins` was not seen from its start: a hole up to its first row."""
    for kind in dict.fromkeys(line.kind for line in lines):
        own = [line for line in lines if line.kind == kind]
        if not any(line.row.get("sight") == "begins" for line in own):
            sight, first = SIGHTS[kind], own[0].at
            yield Timed(first, first, facts.SightBegan(sight=sight))
            yield Timed(first, first, facts.SightLost(sight=sight, says="the recording has no beginning"))
            yield Timed(first, first, facts.SightRegained(sight=sight, complete=False))


class Movers:
    """Numbers the starts of the mover, one after the other."""

    def __init__(self) -> None:
        """None was started yet."""
        self.number = -1

    def convert(self, row: RecordingLine) -> facts.AnyFact | None:
        """One row of the mover's recording."""
        match row.get("what"):
            case "start":
                self.number += 1
                return facts.MoverStarted(mover=self.number, origin=row["from"], destination=row["to"], command="clusterctl move")
            case "stderr":
                return facts.MoverSaid(mover=self.number, line=row["line"], phase=phase_of(row["line"]))
            case "exit":
                return facts.MoverEnded(mover=self.number, code=row["rc"], seconds=row.get("secs") or 0.0)
            case _:
                return None


def convert(line: RecordingRow, movers: Movers) -> Iterator[Timed]:
    """The fact of one row, with its interval."""
    row, at = line.row, line.at
    try:
        if "sight" in row:
            yield Timed(at, at, sight_fact(row, SIGHTS[line.kind]))
        elif line.kind == "mover":
            fact = movers.convert(row)
            if fact is not None:
                yield Timed(at, at, fact)
        else:
            since, convert_row = CONVERTERS[line.kind]
            yield Timed(since(row), at, convert_row(row))
    except (KeyError, TypeError, ValueError) as error:
        raise RecordingError(f"{line.place}: not a row of {line.kind}.jsonl: {type(error).__name__} {error}") from error


def sight_fact(row: RecordingLine, sight: facts.SightName) -> facts.AnyFact:
    """`begins`, `lost`, `regained`, `ends`, for all or for one cluster, kind, host."""
    where = {name: str(row[name]) for name in ("cluster", "kind", "host") if row.get(name)}
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


def object_seen(row: RecordingLine) -> facts.AnyFact:
    """One watch event."""
    body = {name: value for name, value in row["object"].items() if name != "metadata"}
    metadata = row["object"].get("metadata") or {}
    body["metadata"] = {name: value for name, value in metadata.items() if name != "managedFields"}
    if row["type"] not in ("LISTED", "ADDED", "MODIFIED", "DELETED"):
        raise ValueError(f"type {row['type']!r} is none of LISTED, ADDED, MODIFIED, DELETED")
    return facts.ObjectSeen(
        cluster=row["cluster"],
        change=row["type"].lower(),
        kind=row["kind"],
        name=row["name"],
        uid=metadata.get("uid") or "",
        resource_version=str(row.get("resourceVersion") or ""),
        api_version=row["object"].get("apiVersion") or "",
        namespace=row.get("ns") or "",
        object=body,
    )


def api_write(row: RecordingLine) -> facts.AnyFact:
    """One line of the audit log."""
    return facts.ApiWrite(
        cluster=row["cluster"],
        user=row["user"],
        verb=row["verb"],
        resource=row["kind"],
        name=row.get("name") or "",
        namespace=row.get("ns") or "",
        subresource=row.get("sub") or "",
        user_agent=row.get("ua") or "",
        code=row.get("code") or 0,
    )


def bmc_request(row: RecordingLine) -> facts.AnyFact:
    """One request to a BMC."""
    return facts.BmcRequest(
        host=row["host"],
        method=row["method"],
        path=row["path"],
        status=row.get("status") or 0,
        address=row.get("src") or "",
        client=row.get("client") or "",
        body=row.get("body") or "",
    )


def ironic_fact(row: RecordingLine) -> facts.AnyFact:
    """Ironic answers or not, a node changed, a node is gone."""
    side = row["ironic"]
    if "node" in row:
        return facts.IronicNode(ironic=side, uuid=row["node"]["uuid"], name=row["node"].get("name") or "", node=row["node"])
    if "gone" in row:
        return facts.IronicNodeGone(ironic=side, uuid=row["gone"], name=row.get("name") or "")
    return facts.IronicAnswers(ironic=side, up=row["up"])


CONVERTERS: dict[str, tuple[Callable[[RecordingLine], float], Callable[[RecordingLine], facts.AnyFact]]] = {
    "watch": (lambda row: row["at"] - (0.0 if row["type"] == "LISTED" else WATCH_LATENESS_SECONDS), object_seen),
    "audit": (lambda row: row["at"], api_write),
    "bmc": (lambda row: float(row.get("t0") or row["at"]), bmc_request),
    "ironic": (lambda row: row["at"] - IRONIC_POLL_SECONDS, ironic_fact),
}
