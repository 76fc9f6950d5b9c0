"""The catalogue of defects, tried on recorded real pivots and on a fresh run of the embedded lab.

    python -m benchmarks.catalogue [--write]

Prints what each run shows; `--write` puts the table into docs/catalogue.md, between its marks. Ends with 1 where a defect was missed
or wrongly told, a benign twin was taken for one, or a class was planted in none of the runs.
"""
# ruff: noqa: INP001, T201 - a script that prints is what this is

import argparse
import contextlib
import io
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import msgspec

from benchmarks.figures import written
from harness.catalogue.planting.good_run import MOMENTS
from harness.catalogue.trial.classes import DefectClass, load, words
from harness.catalogue.trial.outcome import HARMLESS
from harness.cli.mutation import mutate
from harness.exits import Exit
from harness.run.importer import import_recordings

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "catalogue.md"
RECORDINGS = ROOT / "tests" / "recordings"
RECORDED = ("b-good-pivot", "c-good-repivot", "h-deprovision-after-repivot")
FRESH = "embedded lab"
JOBS = 2


class TriedCase(msgspec.Struct):
    """What came of one planting, as `harness judge --mutate --json` tells it."""

    result: str


class TriedClass(msgspec.Struct):
    """All plantings of one class in one run."""

    word: str = msgspec.field(name="class")
    applies: bool
    needs: list[str]
    cases: list[TriedCase]

    @property
    def cell(self) -> str:
        """How many of the defects that were planted were found; a dash where none could be."""
        defects = [case.result for case in self.cases if case.result not in HARMLESS]
        return f"{defects.count('found')} of {len(defects)}" if self.applies else "-"


class TriedRun(msgspec.Struct):
    """The whole catalogue in one run: was all told rightly, what was printed, and each class by its word."""

    name: str
    good: bool
    printed: str
    classes: dict[str, TriedClass]


def make(name: str, place: Path) -> Path:
    """A run directory: an imported recording, or a fresh run of the embedded lab."""
    out = place / name.replace(" ", "-")
    if name == FRESH:
        command = (sys.executable, "-m", "harness", "run", "--out", str(out))
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    else:
        import_recordings([RECORDINGS / name], out)
    return out


def try_run(name: str, place: Path) -> TriedRun:
    """Make it, and try every class on it."""
    said = place / f"{name}.json"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        good = mutate(make(name, place), [], 1, said) == Exit.PASS
    tried = msgspec.json.decode(said.read_bytes(), type=list[TriedClass])
    return TriedRun(name, good, printed.getvalue(), {one.word: one for one in tried})


def in_words(defect: DefectClass) -> str:
    """What is planted, and when."""
    when = "" if len(defect.moments) == len(MOMENTS) - 1 else f" *({', '.join(defect.moments)})*"
    return f"{defect.says.replace('|', chr(92) + '|')}{when}"


def table(runs: Iterable[TriedRun]) -> list[str]:
    """One line a class: what it is, and how often it was planted and found in each run."""
    listed = list(runs)
    heads = ["class", "what is planted, and its twin", *(run.name for run in listed)]
    lines = [f"| {' | '.join(heads)} |", f"| --- | --- |{' ---: |' * len(listed)}"]
    for word in words():
        cells = [f"`{word}`", in_words(load(word)), *(run.classes[word].cell for run in listed)]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def rules() -> list[str]:
    """The rules that the classes try, each with its classes."""
    by_rule: dict[str, list[str]] = {}
    for word in words():
        by_rule.setdefault(load(word).rule, []).append(f"`{word}`")
    return [f"- **{rule}**: {', '.join(named)}" for rule, named in sorted(by_rule.items())]


def scores(runs: Iterable[TriedRun]) -> list[str]:
    """The last lines of each run's table."""
    return [line for run in runs for line in (f"**{run.name}**", "", "```", *last_lines(run.printed), "```", "")]


def last_lines(printed: str) -> list[str]:
    """The score, and below it what the run cannot show."""
    lines = printed.splitlines()
    begin = next(number for number, line in enumerate(lines) if "classes told rightly" in line)
    return [*lines[begin].split("; "), *lines[begin + 1 :]]


def never_planted(runs: Iterable[TriedRun]) -> list[str]:
    """Classes of which nothing was planted in any run: nothing is known of them."""
    listed = list(runs)
    return [word for word in words() if not any(run.classes[word].applies for run in listed)]


def main() -> int:
    """Try, print, and tell whether all is as it must be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the table into docs/catalogue.md")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, ProcessPoolExecutor(JOBS) as pool:
        runs = list(pool.map(try_run, (FRESH, *RECORDED), (Path(place),) * (1 + len(RECORDED))))
    for run in runs:
        print(f"{run.name}:\n{run.printed if not run.good else chr(10).join(last_lines(run.printed))}\n", flush=True)
    if chosen.write:
        blocks = {"scores": scores(runs), "rules": rules(), "classes": table(runs)}
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), blocks), encoding="utf-8")
    missing = never_planted(runs)
    print(f"planted in none of the runs: {', '.join(missing) or 'no class'}")
    return int(bool(missing) or not all(run.good for run in runs))


if __name__ == "__main__":
    sys.exit(main())
