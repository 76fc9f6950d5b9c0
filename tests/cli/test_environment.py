"""Faults of the machine, and the exit code of each: 1 comes from a verdict alone, and no fault brings a traceback or a bug."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from harness.exits import Exit
from harness.run.importer import import_recordings
from harness.verdict.judge import judge_directory, write_verdict

SECONDS = 60
ROW = {"at": 1000.0, "cluster": "source", "type": "LISTED", "kind": "Secret", "ns": "metal3", "name": "x", "resourceVersion": "1"}
BAD = Path(__file__).parents[1] / "recordings" / "d-status-annotation-lost"


class Fault(NamedTuple):
    """`before` spoils the place (the run directory is `run` in it), `child` the process, `streams` where it prints."""

    before: Callable[[Path], object] = lambda _: None
    child: Callable[[], object] = lambda: None
    streams: tuple[str, ...] = ()
    environment: Mapping[str, str] = MappingProxyType({})


def limit(what: int, value: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(what, (value, value))


def link(name: str) -> Callable[[Path], None]:
    """An output is a link to somebody's file."""

    def spoil(place: Path) -> None:
        (place / "theirs").write_text("theirs")
        (place / "run" / name).unlink(missing_ok=True)
        (place / "run" / name).symlink_to(place / "theirs")

    return spoil


def torn(place: Path) -> None:
    journal = place / "run" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-7])


def edited(place: Path) -> None:
    journal = place / "run" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"import"', b'"tropmi"', 1))


def gone(place: Path) -> None:
    shutil.rmtree(place / "run")


def emptied(place: Path) -> None:
    (place / "run" / "journal.jsonl").write_bytes(b"")


def foreign(place: Path) -> None:
    (place / "run" / "journal.jsonl").write_bytes(os.urandom(4096))


def in_the_way(name: str) -> Callable[[Path], None]:
    """A directory stands where a file shall be."""

    def spoil(place: Path) -> None:
        (place / "run" / name).unlink(missing_ok=True)
        (place / "run" / name / "x").mkdir(parents=True)

    return spoil


JUDGE = ("judge", "run")
QUICK = ("all three are closed", "both are full", "nobody reads the output", "report.html is a link", "the journal is none")
"""Of these `make test` tells, too; of all others `make environment-faults`."""
LAB = "embedded: {hosts: 1, spares: 0}\n"
HARMLESS = {
    "standard output is closed": Fault(streams=(">&-",)),
    "standard error is closed": Fault(streams=("2>&-",)),
    "both are closed": Fault(streams=(">&-", "2>&-")),
    "standard input is closed": Fault(streams=("<&-",)),
    "all three are closed": Fault(streams=("<&-", ">&-", "2>&-")),
    "standard output is full": Fault(streams=(">/dev/full",)),
    "standard error is full": Fault(streams=("2>/dev/full",)),
    "both are full": Fault(streams=(">/dev/full", "2>/dev/full")),
    "nobody reads the output": Fault(streams=("| true",)),
    "nobody reads the errors": Fault(streams=("2>&1 >/dev/null | true",)),
    "nothing is buffered, and nobody reads": Fault(streams=("| true",), environment={"PYTHONUNBUFFERED": "1"}),
    "the terminal can do nothing": Fault(environment={"TERM": "dumb", "COLUMNS": "1"}),
    "the locale is plain": Fault(environment={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}),
    "there is no home": Fault(environment={"HOME": "/nonexistent"}),
    "there is no place for temporary files": Fault(environment={"TMPDIR": "/nonexistent"}),
    "there is no PATH": Fault(environment={"PATH": ""}),
    "few files may be open": Fault(child=limit(resource.RLIMIT_NOFILE, 12)),
    "a signal was ignored by who started us": Fault(child=lambda: signal.signal(signal.SIGPIPE, signal.SIG_DFL), streams=("| true",)),
    "SIGHUP is ignored": Fault(child=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)),
    "verdict.json is a link": Fault(before=link("verdict.json")),
    "report.html is a link": Fault(before=link("report.html")),
    "junit.xml is a link": Fault(before=link("junit.xml")),
    "sequence.md is a link": Fault(before=link("sequence.md")),
    "certificate.json is a link": Fault(before=link("certificate.json")),
    "the last line is torn": Fault(before=torn),
}  # fmt: skip
UNWRITABLE = {
    "no file may grow": Fault(child=limit(resource.RLIMIT_FSIZE, 0)),
    "no file may have a kilobyte": Fault(child=limit(resource.RLIMIT_FSIZE, 1024)),
    "no file may have twenty": Fault(child=limit(resource.RLIMIT_FSIZE, 20 * 1024)),
    "a directory stands where the verdict shall be": Fault(before=in_the_way("verdict.json")),
    "a directory stands where the page shall be": Fault(before=in_the_way("report.html")),
}
REFUSED = {
    "the run directory is gone": Fault(before=gone),
    "the journal is empty": Fault(before=emptied),
    "the journal is none": Fault(before=foreign),
    "the journal was edited": Fault(before=edited),
    "the journal is a directory": Fault(before=in_the_way("journal.jsonl")),
}


def rows(faults: Mapping[str, Any]) -> list[Any]:
    """The rows of a table for `parametrize`."""
    return [
        pytest.param(*(row if type(row) is tuple else (row,)), id=name, marks=[] if name in QUICK else pytest.mark.slow)
        for name, row in faults.items()
    ]


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> dict[str, Path]:
    """A run whose verdict is unknown, and one whose verdict is fail."""
    place = tmp_path_factory.mktemp("runs")
    (place / "watch.jsonl").write_text(json.dumps(ROW | {"object": {"apiVersion": "v1", "metadata": {"name": "x"}}}) + "\n")
    import_recordings([place / "watch.jsonl"], place / "unknown")
    import_recordings([BAD], place / "fail")
    write_verdict(place / "unknown", judge_directory(place / "unknown", []))
    return {"unknown": place / "unknown", "fail": place / "fail"}


def ended(place: Path, arguments: tuple[str, ...], fault: Fault) -> tuple[int, str]:
    """The exit code of a command under a fault, and all that it said."""
    fault.before(place)
    words = " ".join([sys.executable, "-m", "harness", *arguments, *fault.streams])
    script = f'{words}; exit "${{PIPESTATUS[0]}}"'
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])} | dict(fault.environment)
    done: Any = subprocess.run(
        ["/bin/bash", "-c", script], cwd=place, env=environment, capture_output=True, text=True, timeout=SECONDS,
        check=False, preexec_fn=fault.child,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def judged(runs: dict[str, Path], which: str, place: Path, fault: Fault) -> int:
    shutil.copytree(runs[which], place / "run")
    code, said = ended(place, JUDGE, fault)

    assert "Traceback" not in said, said
    assert not (place / "run" / "bug.txt").exists(), said
    assert not (place / "theirs").exists() or (place / "theirs").read_text() == "theirs"
    return code


@pytest.mark.parametrize("fault", rows(HARMLESS))
def test_what_changes_only_what_is_shown_changes_no_exit_code(runs, tmp_path, fault):
    assert judged(runs, "unknown", tmp_path, fault) == Exit.UNKNOWN


@pytest.mark.parametrize("fault", rows(UNWRITABLE))
def test_a_verdict_that_cannot_be_written_is_printed_and_is_no_bug(runs, tmp_path, fault):
    assert judged(runs, "unknown", tmp_path, fault) == Exit.UNKNOWN


@pytest.mark.parametrize("fault", rows(REFUSED))
def test_what_cannot_be_read_is_refused(runs, tmp_path, fault):
    assert judged(runs, "unknown", tmp_path, fault) == Exit.REFUSED


@pytest.mark.slow
@pytest.mark.parametrize("fault", [HARMLESS["all three are closed"], UNWRITABLE["no file may grow"]], ids=["shown", "written"])
def test_a_failure_stays_a_failure(runs, tmp_path, fault):
    assert judged(runs, "fail", tmp_path, fault) == Exit.FAIL


OTHERS = {
    "a run whose directory is a file": (("run", "pivot", "--out", "file"), Fault(), Exit.REFUSED),
    "a run whose directory may not be made": (("run", "pivot", "--out", "/proc/x"), Fault(), Exit.REFUSED),
    "a run whose journal may not grow": (
        ("run", "pivot", "--lab", "lab.yaml", "--out", "out"), Fault(child=limit(resource.RLIMIT_FSIZE, 0)), Exit.UNKNOWN),
    "a run without places for files": (
        ("run", "pivot", "--lab", "lab.yaml", "--out", "out"), Fault(environment={"TMPDIR": "/nonexistent"}), Exit.PASS),
    "a run with too few files": (
        ("run", "pivot", "--lab", "lab.yaml", "--out", "out"), Fault(child=limit(resource.RLIMIT_NOFILE, 64)), Exit.REFUSED),
    "an import of a directory without one": (("import", "empty", "--out", "out"), Fault(), Exit.REFUSED),
    "a lab that is none": (("lab", "down", "empty"), Fault(), Exit.REFUSED),
    "a scenario that is a device": (("run", "/dev/zero", "--out", "out"), Fault(), Exit.REFUSED),
    "a lab file that is a device": (("doctor", "--lab", "/dev/null"), Fault(), Exit.REFUSED),
    "words that nobody reads": (("words",), Fault(streams=("| true",)), Exit.PASS),
    "words that cannot be written": (("words",), Fault(streams=(">/dev/full",)), Exit.PASS),
    "help that cannot be written": (("--help",), Fault(streams=(">/dev/full",)), Exit.PASS),
    "a wrong option, and nobody to tell": (("run", "--wrong"), Fault(streams=("2>&-",)), Exit.REFUSED),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "fault", "code"), rows(OTHERS))
def test_every_other_command_ends_with_the_code_of_what_went_wrong(tmp_path, arguments, fault, code):
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "lab.yaml").write_text(LAB)
    found, said = ended(tmp_path, arguments, fault)

    assert (found, "Traceback" in said, "bug of the harness" in said) == (code, False, False), said
