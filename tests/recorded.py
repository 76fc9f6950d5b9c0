"""Reading and altering the recordings of real pivots that the tests judge."""

import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.exits import exit_of_verdict
from harness.judgement import Judgement
from harness.run.importer import import_recordings
from harness.run.recordings import known_recordings
from harness.verdict.judge import judge_directory
from tests.checks.history import readable

RECORDINGS = Path(__file__).parent / "recordings"
Row = dict[str, Any]
Rows = dict[str, list[Row]]


def rows_of(name: str) -> Rows:
    """The rows of one recording, by file."""
    directory = RECORDINGS / name
    files = {kind: directory / f"{kind}.jsonl.xz" for kind in known_recordings()}
    return {kind: [json.loads(line) for line in lzma.open(path, "rt")] for kind, path in files.items() if path.exists()}


def write_rows(rows: Rows, directory: Path) -> Path:
    """A recording of our own making, plain."""
    directory.mkdir(parents=True, exist_ok=True)
    for kind, own in rows.items():
        (directory / f"{kind}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in own))
    return directory


def judged(directory: Path, out: Path) -> dict[str, Any]:
    """Import and judge: the whole verdict, with the exit code beside it."""
    import_recordings([directory], out)
    verdict = judge_directory(out)
    for item in verdict["checks"]:
        assert readable([Judgement(item["verdict"], item["says"], item["host"], tuple(item["evidence"]))])
    return verdict | {"exit": int(exit_of_verdict(verdict["verdict"]))}


def altered(name: str, tmp_path: Path, change: Callable[[Rows], Any]) -> dict[str, Any]:
    """Judge a recording after a change to its rows."""
    rows = rows_of(name)
    change(rows)
    return judged(write_rows(rows, tmp_path / "altered"), tmp_path / "out")


def hosts_of(verdict: dict[str, Any]) -> dict[str, str]:
    """host -> verdict."""
    return {name: host["verdict"] for name, host in verdict["hosts"].items()}


def said_of(verdict: dict[str, Any], check: str, host: str | None) -> list[tuple[str, str]]:
    """What one check said of one host."""
    return [(item["verdict"], item["says"]) for item in verdict["checks"] if item["check"] == check and item["host"] == host]
