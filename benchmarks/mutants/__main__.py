"""Mutation testing of the judge: small faults are planted in its code, one at a time, and its tests must fail with each.

    python -m benchmarks.mutants [--sample 20] [--seed 1] [--again] [--list] [PACKAGE...]

mutmut makes and tries the mutants (its settings stand in pyproject.toml), in a copy of the tree in build/mutants. What was tried there
already is not tried again, so that a run that was interrupted goes on; `--again` tries those once more that survived. Exit code 0 where
as many of those that were tried, and are not equivalent, were killed as `--floor` asks for.
"""
# ruff: noqa: INP001, S603, T201 - a script that prints is what this is, and its commands are our own

import argparse
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path

from benchmarks.mutants.mutant import KILLED, NOT_TRIED, SURVIVED, TIMED_OUT, Mutant, all_mutants
from benchmarks.mutants.stage import STAGE, lay_out

PACKAGES = ("checks", "world", "verdict")
BATCH = 400
OUTPUT_MAX = 4000
MUTMUT = str(Path(sys.executable).parent / "mutmut")


def prepare(jobs: int) -> None:
    """Make the mutants, and measure which test reaches which function: mutmut does so before it looks whether it knows the name."""
    lay_out()
    os.chdir(STAGE)
    os.environ.setdefault("GENERATED_HISTORIES", "100")
    subprocess.run((MUTMUT, "run", "--max-children", str(jobs), "none_yet"), check=False, capture_output=True)


def drawn(package: str, seed: int) -> Iterator[Mutant]:
    """The mutants of a package that may matter, in an order drawn by the seed, which no change elsewhere in the code changes."""
    mutants = sorted(of_package(package), key=lambda it: sha256(f"{seed} {it.name}".encode()).digest())
    return (it for it in mutants if not it.is_wording)


def of_package(package: str) -> list[Mutant]:
    """All of its mutants."""
    return [it for it in all_mutants() if it.package == package]


def run(mutants: Sequence[Mutant], jobs: int) -> None:
    """Let mutmut try them, some hundred a time."""
    for begin in range(0, len(mutants), BATCH):
        command = (MUTMUT, "run", "--max-children", str(jobs), *(it.name for it in mutants[begin : begin + BATCH]))
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"mutmut ended with {done.returncode}:\n{done.stdout[-OUTPUT_MAX:]}\n{done.stderr[-OUTPUT_MAX:]}")


def told(mutants: Iterable[Mutant]) -> Iterator[str]:
    """Those that survived, each with what it changed."""
    for it in mutants:
        if it.outcome == SURVIVED and not it.is_equivalent:
            taken, brought = it.change
            yield f"{it.name}\n  - {taken}\n  + {brought}".replace("\n", "\n    ")


def figure(package: str, mutants: Sequence[Mutant], made: int) -> tuple[int, int, str]:
    """How many were killed, of how many that are not equivalent; and this in words."""
    outcomes = Counter("equivalent" if it.outcome == SURVIVED and it.is_equivalent else it.outcome for it in mutants)
    killed, counted = outcomes[KILLED] + outcomes[TIMED_OUT], len(mutants) - outcomes["equivalent"]
    says = f"{killed} of {counted} killed ({killed / max(counted, 1):.1%}; {outcomes[TIMED_OUT]} of them had to be ended)"
    return killed, counted, f"{package}: {says}, {outcomes['equivalent']} equivalent, of {made} mutants"


def main() -> int:
    """Draw, try, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "packages", nargs="*", choices=[*PACKAGES, []], metavar="PACKAGE", help="checks, world, verdict; all by default"
    )
    parser.add_argument("--sample", type=int, metavar="N", help="try N of each package, if they were not tried yet; not all")
    parser.add_argument("--seed", type=int, default=1, help="which ones are drawn")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many are tried at once")
    parser.add_argument("--again", action="store_true", help="try once more those that survived")
    parser.add_argument("--list", action="store_true", help="try none: tell what became of those that were tried")
    parser.add_argument(
        "--floor", type=float, default=0.95, help="the least share that must be killed; a small sample needs a low one"
    )
    chosen = parser.parse_args()
    prepare(chosen.jobs)
    packages = chosen.packages or PACKAGES
    if not chosen.list:
        wanted = [
            it for package in packages for it in islice(drawn(package, chosen.seed), chosen.sample) if it.outcome == NOT_TRIED
        ]
        again = [it for package in packages for it in of_package(package) if chosen.again and it.outcome == SURVIVED]
        run([*wanted, *again], chosen.jobs)
    killed = counted = 0
    for package in packages:
        mutants = of_package(package)
        tried = [it for it in mutants if it.outcome != NOT_TRIED]
        print(*told(tried), sep="\n")
        its_killed, its_counted, says = figure(package, tried, len(mutants))
        killed, counted = killed + its_killed, counted + its_counted
        print(says)
    return int(killed < chosen.floor * counted)


if __name__ == "__main__":
    sys.exit(main())
