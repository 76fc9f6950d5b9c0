"""Does the harness keep pace? A pivot of many hosts, and a verdict over many more, in figures.

    python -m benchmarks.pace [--hosts 100] [--judged 1000]

Prints Markdown: what a pivot on the embedded lab takes of time, processors and memory, by process, and what it says; then the journal of
that pivot is grown to many times its hosts, each with all its objects, readings and requests, and judged: what reading, folding and
checking cost a million entries, and what a host takes of memory. Seconds of processors are told, for they do not depend on who else
runs on the machine.
"""
# ruff: noqa: INP001, T201 - a script that prints is what this is

import argparse
import gc
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from harness.journal.entry import Entry
from harness.journal.facts import AnyFact
from harness.journal.journal import FILE_NAME, Journal, read
from harness.verdict.judge import judge_entries
from harness.world.world import World

SAMPLE_SECONDS = 0.5
TICKS = 100
PAGE_BYTES = 4096
PARTS = {"harness.emulated.mover": "mover", "harness.emulated": "lab"}
OWN_KINDS = ("BareMetalHost", "HardwareData", "HostFirmwareSettings", "HostFirmwareComponents", "Machine", "Metal3Machine",
             "Metal3Data", "Metal3DataClaim", "IPClaim", "IPAddress", "Secret", "Node", "Event")  # fmt: skip
"""Kinds of which every host has objects of its own."""
WORD = re.compile(r"[\w.:-]+")
MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")
decoder = msgspec.json.Decoder(AnyFact)


class Used(NamedTuple):
    """What one process used: seconds of processors, and its most memory (MB) and open files."""

    cpu_seconds: float
    memory_mb: float
    files: int


class Meter(threading.Thread):
    """Looks again and again what a process and all that it started use."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.used: dict[str, Used] = {}
        self.over = threading.Event()
        self._process = process

    def run(self) -> None:
        """Look until it is over."""
        while not self.over.wait(SAMPLE_SECONDS):
            self._look(self._process, "harness")

    def _look(self, process: int, name: str) -> None:
        place = Path(f"/proc/{process}")
        try:
            words = (place / "cmdline").read_bytes().decode().split("\0")
            fields = (place / "stat").read_text().rpartition(")")[2].split()
            pages = int((place / "statm").read_text().split()[1])
            files = len(list((place / "fd").iterdir()))
            children = [int(it) for it in (place / f"task/{process}/children").read_text().split()]
        except OSError:
            return
        name = next((part for module, part in PARTS.items() if module in words), name)
        before = self.used.get(name, Used(0.0, 0.0, 0))
        cpu = (int(fields[11]) + int(fields[12])) / TICKS
        self.used[name] = Used(
            max(cpu, before.cpu_seconds), max(pages * PAGE_BYTES / 1e6, before.memory_mb), max(files, before.files)
        )
        for child in children:
            self._look(child, name)


def pivot(hosts: int, directory: Path) -> Iterator[str]:
    """Run one, and tell what it took."""
    lab = directory / f"lab-{hosts}.yaml"
    lab.write_text(f"embedded: {{hosts: {hosts}, spares: 1, speed: 20, seed: 1}}\n")
    run = directory / f"run-{hosts}"
    began = time.monotonic()
    command = [sys.executable, "-m", "harness", "run", "--lab", str(lab), "--out", str(run)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
    meter = Meter(process.pid)
    meter.start()
    code = process.wait()
    seconds = time.monotonic() - began
    meter.over.set()
    verdict = json.loads((run / "verdict.json").read_text())
    said = Counter(host["verdict"] for host in verdict["hosts"].values())
    lines = Counter(re.findall(rb'"fact":"(\w+)"', (run / FILE_NAME).read_bytes()))
    size = (run / FILE_NAME).stat().st_size / 1e6
    yield f"| a pivot of {hosts} hosts | exit code {code}, hosts {dict(said)}, {seconds:.0f} s on this machine |"
    for name, used in sorted(meter.used.items()):
        yield f"| its {name} | {used.cpu_seconds:.1f} s of CPU, {used.memory_mb:.0f} MB, {used.files} open files |"
    yield f"| its journal | {sum(lines.values())} entries, {size:.1f} MB; stalls told: {lines[b'HarnessStalled']} |"


def names_of_hosts(journal: Path) -> set[str]:
    """All words of a journal that name something of one host: names, uids, addresses."""
    found: set[str] = set()
    for line in journal.open(encoding="utf-8"):
        row = json.loads(line)
        if row["fact"] == "IronicNode":
            found |= {row["uuid"], row["name"].rpartition("~")[2]}
        if row["fact"] != "ObjectSeen" or row["kind"].partition(".")[0] not in OWN_KINDS:
            continue
        body = row.get("object") or {}
        found |= {row["name"], row.get("uid", ""), *MAC.findall(line)}
        address = str(((body.get("spec") or {}).get("bmc") or {}).get("address", ""))
        found |= {word for word in WORD.findall(address) if ":" in word and "." in word}
    return {name for name in found if name and not name.endswith("-kubeconfig")}


def is_own(row: dict[str, Any]) -> bool:
    """Can this be about one host? Objects of many hosts stand once, whatever they name."""
    if row["fact"] != "ObjectSeen":
        return row["fact"] != "RunBegan"
    return row["kind"].partition(".")[0] in OWN_KINDS and not row["name"].endswith("-kubeconfig")


def grown(journal: Path, times: int, directory: Path) -> Path:
    """The journal of as many times the hosts: each of its lines about a host once for each copy, the others once."""
    names = names_of_hosts(journal)
    target = Journal(directory)
    for line in journal.open(encoding="utf-8"):
        row = json.loads(line)
        since, at = row["since"], row["at"]
        own = is_own(row) and any(word in names for word in WORD.findall(line))
        for copy in range(times if own else 1):
            text = WORD.sub(lambda it, copy=copy: f"{it[0]}x{copy}" if it[0] in names else it[0], line) if copy else line  # type: ignore[misc]
            target.record(decoder.decode(text), since=since, at=at)
    target.close()
    return directory / FILE_NAME


def memory_mb() -> float:
    """What this process holds now."""
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]) * PAGE_BYTES / 1e6


def judged(journal: Path) -> Iterator[str]:
    """Read, fold and check, and tell what each cost."""
    before, began = memory_mb(), time.process_time()
    gc.disable()  # as `harness judge` does
    entries: list[Entry] = list(read(journal))
    read_seconds, began = time.process_time() - began, time.process_time()
    World(entries, final=True)
    fold_seconds, began = time.process_time() - began, time.process_time()
    verdict = judge_entries(entries)
    all_seconds = time.process_time() - began
    million = 1e6 / len(entries)
    hosts = max(len(verdict["hosts"]), 1)
    yield f"| a verdict of {hosts} hosts, {len(entries)} entries | {verdict['verdict']}, {len(verdict['checks'])} judgements |"
    yield f"| reading and decoding | {read_seconds * million:.1f} s of CPU a million entries |"
    yield f"| folding | {fold_seconds * million:.1f} s of CPU a million entries |"
    yield f"| fold and checks | {all_seconds * million:.1f} s of CPU a million entries, {all_seconds / hosts * 1000:.1f} ms a host |"
    yield f"| memory | {(memory_mb() - before) / hosts * 1000:.0f} KB a host |"


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=100, help="of the pivot")
    parser.add_argument("--judged", type=int, default=1000, help="hosts of the verdict")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        print("| what | measured |\n|---|---|")
        for line in pivot(options.hosts, place):
            print(line, flush=True)
        times = max(options.judged // (options.hosts + 1), 1)
        for line in judged(grown(place / f"run-{options.hosts}" / FILE_NAME, times, place / "grown")):
            print(line, flush=True)


if __name__ == "__main__":
    main()
