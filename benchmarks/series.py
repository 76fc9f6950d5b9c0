"""Is a good pivot of many hosts told to be good each time, and a reset of one of its servers found each time? A series of runs tells.

    python -m benchmarks.series [--runs 100:20 300:3] [--live 100:3 300:1] [--seed 1]

`HOSTS:RUNS` each. Every run of `--runs` is a good pivot on an embedded lab of its own seed; then somebody's ForceRestart of one of its
hosts is planted in its journal, and judged. In every run of `--live` somebody really resets one host in the middle of the move. One line
of Markdown a run; the exit code is 1 where one was told wrongly.
"""
# ruff: noqa: INP001, T201 - a script that prints is what this is

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.pace import Meter
from harness.catalogue.planting.good_run import GoodRun
from harness.catalogue.trial.classes import load
from harness.catalogue.trial.trial import Case, try_case
from harness.journal.journal import FILE_NAME, read

RESET = "reset_by_third_party"
LIVE = "pivot_third_party_reset"
FAULT = "{third_party_reset: {"


class SeriesRun(NamedTuple):
    """One pivot: its hosts, its verdict, what it took, and where it left its journal."""

    hosts: int
    seed: int
    verdict: dict[str, Any]
    seconds: float
    cpu_seconds: float
    memory_mb: float
    directory: Path

    @property
    def told(self) -> str:
        """How many hosts pass, fail, or are unknown."""
        count = Counter(host["verdict"] for host in self.verdict["hosts"].values())
        return ", ".join(f"{count[word]} {word}" for word in ("pass", "fail", "unknown"))

    def row(self, what: str, *, right: bool) -> str:
        """Its line."""
        took = f"{self.seconds:.0f} s, {self.cpu_seconds:.0f} s of CPU, {self.memory_mb:.0f} MB"
        return f"| {self.hosts} hosts, seed {self.seed} | {took} | {self.told} | {what} | {'right' if right else '**wrong**'} |"


def pivot(hosts: int, seed: int, scenario: str, directory: Path) -> SeriesRun:
    """Run one."""
    lab, run = directory / f"lab-{hosts}-{seed}.yaml", directory / f"run-{hosts}-{seed}-{Path(scenario).stem}"
    lab.write_text(f"embedded: {{hosts: {hosts}, spares: 1, speed: 20, seed: {seed}}}\n", encoding="utf-8")
    began = time.monotonic()
    command = [sys.executable, "-m", "harness", "run", scenario, "--lab", str(lab), "--out", str(run)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
    meter = Meter(process.pid)
    meter.start()
    process.wait()
    seconds = time.monotonic() - began
    meter.over.set()
    verdict = json.loads((run / "verdict.json").read_text(encoding="utf-8"))
    cpu = sum(used.cpu_seconds for used in meter.used.values())
    return SeriesRun(hosts, seed, verdict, seconds, cpu, meter.used["harness"].memory_mb, run)


def good(hosts: int, seed: int, directory: Path) -> tuple[str, bool]:
    """A good pivot, and the same with a reset planted: its line, and whether both were told rightly."""
    run = pivot(hosts, seed, "pivot", directory)
    defect, journal = load(RESET), GoodRun(list(read(run.directory / FILE_NAME)))
    host, moment = journal.hosts[seed * 7 % len(journal.hosts)], defect.moments[seed % len(defect.moments)]
    planted = try_case(journal, defect, Case(moment, "", seed, host), twin=False)
    right = run.verdict["verdict"] == "pass" and set(run.told.split(", ")[1:]) == {"0 fail", "0 unknown"} and planted.good
    return run.row(f"a reset of {host.name} planted ({moment}): {planted.result}", right=right), right


def live(hosts: int, seed: int, directory: Path) -> tuple[str, bool]:
    """A pivot in which somebody really resets one host: its line, and whether that host alone was blamed, for that."""
    name = f"node-{seed * 7 % hosts}"
    scenario = directory / f"reset-{name}.yaml"
    shipped = (Path(__file__).parent.parent / "scenarios" / f"{LIVE}.yaml").read_text(encoding="utf-8")
    scenario.write_text(shipped.replace(FAULT, f"{FAULT}host: {name}, "), encoding="utf-8")
    run = pivot(hosts, seed, str(scenario), directory)
    blamed = {host: each["verdict"] for host, each in run.verdict["hosts"].items() if each["verdict"] != "pass"}
    by = {check["check"] for check in run.verdict["checks"] if check["host"] == name and check["verdict"] == "fail"}
    right = blamed == {name: "fail"} and "bmc_untouched" in by
    return run.row(f"{name} was reset: {'found' if right else f'blamed: {blamed}'}", right=right), right


def series(asked: list[str], first: int) -> Iterator[tuple[int, int]]:
    """Hosts and seed of each run of `HOSTS:RUNS` each."""
    for each in asked:
        hosts, _, runs = each.partition(":")
        yield from ((int(hosts), first + number) for number in range(int(runs)))


def main() -> int:
    """Run the series, and print a line of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", nargs="*", default=["100:20", "300:3"], metavar="HOSTS:RUNS", help="good pivots")
    parser.add_argument("--live", nargs="*", default=["100:3", "300:1"], metavar="HOSTS:RUNS", help="pivots with a real reset")
    parser.add_argument("--seed", type=int, default=1, help="of the first lab")
    options = parser.parse_args()
    print("| pivot | took | hosts | reset | told |\n|---|---|---|---|---|")
    wrong = 0
    for trial, asked in ((good, options.runs), (live, options.live)):
        for hosts, seed in series(asked, options.seed):
            with tempfile.TemporaryDirectory() as place:
                line, right = trial(hosts, seed, Path(place))
            print(line, flush=True)
            wrong += not right
    print(f"\n{wrong} told wrongly")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
