"""What does a witness cost the move that it watches? The real `clusterctl move`, with `harness watch` beside it and without, in turns.

    python -m benchmarks.witness [--hosts 30] [--times 3] [--clusterctl FILE]

Both run against an embedded lab on this machine, which the lab, the mover and the witness share, so one that has two processors shows most.
The witness is ended 4 s after the move, when nothing has settled yet: it must not fail. Markdown on standard output; seconds that the move
took, and those of processors. `make components` builds clusterctl.
"""
# ruff: noqa: INP001, T201 - a script that prints is what this is

import argparse
import json
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.lab import versions
from harness.processes.programs import build

HARNESS = (sys.executable, "-m", "harness")
BEFORE_THE_MOVE = """says: all but the move
steps:
  - stop_ironic: {cluster: source}
  - stop_bmo: {cluster: source}
  - start_ironic: {cluster: target}
  - start_bmo: {cluster: target}
"""
SEEN_SECONDS = 60.0
"""So long a witness may take until it sees everything."""
AFTER_SECONDS = 4.0
TICKS = 100


def call(*arguments: str | Path) -> None:
    """Run the harness, quietly, whatever its exit code says."""
    subprocess.run((*HARNESS, *map(str, arguments)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)  # noqa: S603 - our own


@contextmanager
def lab_of(hosts: int, place: Path) -> Iterator[Path]:
    """The directory of an embedded lab on which all but the move is done; it is gone afterwards."""
    (place / "lab.yaml").write_text(f"embedded: {{hosts: {hosts}, spares: 1, speed: 20, seed: 1}}\n", encoding="utf-8")
    (place / "before.yaml").write_text(BEFORE_THE_MOVE, encoding="utf-8")
    directory = place / "lab"
    try:
        call("lab", "up", "--lab", place / "lab.yaml", "--dir", directory, "--detach")
        call("run", place / "before.yaml", "--lab", directory / "lab.yaml", "--out", place / "before")
        yield directory
    finally:
        call("lab", "down", directory)


@contextmanager
def witness(directory: Path, run: Path) -> Iterator[None]:
    """`harness watch` of that lab, which sees everything when the block begins, and is ended a little after it."""
    command = (*HARNESS, "watch", "--lab", str(directory / "lab.yaml"), "--out", str(run))
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
    try:
        until_it_sees(run)
        yield
        time.sleep(AFTER_SECONDS)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def until_it_sees(run: Path) -> None:
    """Wait until no more sights begin."""
    begun, deadline = -1, time.monotonic() + SEEN_SECONDS
    while time.monotonic() < deadline:
        journal = run / "journal.jsonl"
        now = journal.read_bytes().count(b'"fact":"SightBegan"') if journal.exists() else 0
        if now and now == begun:
            return
        begun = now
        time.sleep(3.0)


def cpu_seconds(process: int) -> float:
    """Seconds of processors that a process took up to now."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def move(clusterctl: Path, directory: Path) -> tuple[float, float]:
    """Move everything from source to target; how long that took, and the seconds of processors that the lab took for it."""
    lab, source, target = (directory / name for name in ("lab.pid", "source.kubeconfig", "target.kubeconfig"))
    process = int(lab.read_text(encoding="utf-8"))
    took, began = cpu_seconds(process), time.monotonic()
    command = (str(clusterctl), "move", "--kubeconfig", str(source), "--to-kubeconfig", str(target), "-n", "metal3")
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - what the user named, or we built
    return time.monotonic() - began, cpu_seconds(process) - took


def once(clusterctl: Path, hosts: int, *, watched: bool) -> tuple[float, str]:
    """One move: how long it took, and its line."""
    with tempfile.TemporaryDirectory() as name, lab_of(hosts, Path(name)) as directory:
        run = Path(name) / "watch"
        if not watched:
            seconds, cpu = move(clusterctl, directory)
            return seconds, f"| without | {seconds:.1f} s | {cpu:.1f} s | |"
        with witness(directory, run):
            seconds, cpu = move(clusterctl, directory)
        verdict = json.loads((run / "verdict.json").read_text(encoding="utf-8"))
        failed = sum(check["verdict"] == "fail" for check in verdict["checks"])
        return seconds, f"| with | {seconds:.1f} s | {cpu:.1f} s | {verdict['verdict']}, {failed} checks fail |"


def main() -> int:
    """Measure, and print; 1 where a witness failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=30, help="of the lab")
    parser.add_argument("--times", type=int, default=3, help="moves of either kind")
    parser.add_argument("--clusterctl", type=Path, help="the mover (default: the one that `make components` built, or of PATH)")
    options = parser.parse_args()
    built = build.program(versions.pinned("clusterctl"))
    clusterctl = options.clusterctl or (built if built.is_file() else Path(shutil.which("clusterctl") or "clusterctl"))
    took: dict[bool, list[float]] = {True: [], False: []}
    wrong = 0
    print("| witness | the move took | CPU of the lab | verdict |\n|---|---|---|---|")
    for number in range(2 * options.times):
        watched = number % 2 == 1
        seconds, line = once(clusterctl, options.hosts, watched=watched)
        took[watched].append(seconds)
        wrong += "| fail" in line
        print(line, flush=True)
    with_it, without = (statistics.median(took[watched]) for watched in (True, False))
    print(f"\n{with_it:.1f} s with a witness, {without:.1f} s without (medians): {100 * (with_it / without - 1):+.0f} %")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
