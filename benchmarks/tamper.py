"""Tampering with a certified run: each single change of journal, verdict or certificate must be found by `harness verify`.

    python -m benchmarks.tamper [--changes 10000] [--seed 1]

The run is a recorded pivot of one host on the embedded lab, its certificate once unsigned and once signed. A change is one byte changed,
left out or put in, one line left out, doubled or swapped with another one, or a file that is cut. Exit code 0 where all were found.
"""
# ruff: noqa: INP001, S311 - a script, and its changes need no cryptography

import argparse
import lzma
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from harness.journal.journal import FILE_NAME, Journal, read
from harness.journal.run_directory import VERDICT_FILE
from harness.report.certificate.envelope import Signer
from harness.report.certificate.verify import verify
from harness.report.write import write_reports
from harness.verdict.judge import judge_directory, write_verdict

CERTIFICATE = "certificate.json"
FILES = (FILE_NAME, VERDICT_FILE, CERTIFICATE)
RECORDED = Path(__file__).parents[1] / "tests/journal/journal-of-7d0c54c.jsonl.xz"

Way = Callable[[bytes, random.Random], bytes]


class Tampering(NamedTuple):
    """One change: of which file, in which way, what the file became, and whether the certificate was signed."""

    file: str
    way: str
    text: bytes
    is_signed: bool


class Attempts(NamedTuple):
    """How many changes of a file in a way were tried, and found."""

    tried: int
    found: int


# --- the ways ---


def byte_changed(text: bytes, chance: random.Random) -> bytes:
    """One byte becomes another one."""
    at = chance.randrange(len(text))
    return text[:at] + bytes([(text[at] + chance.randrange(1, 256)) % 256]) + text[at + 1 :]


def byte_left_out(text: bytes, chance: random.Random) -> bytes:
    """One byte is gone."""
    at = chance.randrange(len(text))
    return text[:at] + text[at + 1 :]


def byte_put_in(text: bytes, chance: random.Random) -> bytes:
    """There is one byte more."""
    at = chance.randrange(len(text) + 1)
    return text[:at] + bytes([chance.randrange(256)]) + text[at:]


def line_left_out(text: bytes, chance: random.Random) -> bytes:
    """One line is gone."""
    lines = text.splitlines(keepends=True)
    lines.pop(chance.randrange(len(lines)))
    return b"".join(lines)


def line_doubled(text: bytes, chance: random.Random) -> bytes:
    """One line stands there twice."""
    lines = text.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    return b"".join([*lines[:at], lines[at], *lines[at:]])


def lines_swapped(text: bytes, chance: random.Random) -> bytes:
    """Two lines changed places."""
    lines = text.splitlines(keepends=True)
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def cut(text: bytes, chance: random.Random) -> bytes:
    """The file ends early."""
    return text[: chance.randrange(len(text))]


WAYS: tuple[Way, ...] = (byte_changed, byte_left_out, byte_put_in, line_left_out, line_doubled, lines_swapped, cut)


# --- the trial ---


def certified(directory: Path, signer: Signer | None) -> Path:
    """A run directory with its certificate."""
    old = directory.with_suffix(".old")
    old.mkdir(parents=True)
    (old / FILE_NAME).write_bytes(lzma.decompress(RECORDED.read_bytes()))
    journal = Journal(directory)
    for entry in read(old / FILE_NAME):
        journal.record(entry.fact, since=entry.since, at=entry.at)
    journal.close()
    write_verdict(directory, judge_directory(directory))
    write_reports(directory, signer)
    return directory


def tamperings(runs: dict[bool, Path], count: int, seed: int) -> Iterator[Tampering]:
    """So many changes, each file in each way in turn; what changes nothing is none."""
    chance = random.Random(seed)
    whole = {(signed, file): (run / file).read_bytes() for signed, run in runs.items() for file in FILES}
    cases = [(signed, file, way) for file in FILES for way in WAYS for signed in runs]
    made = 0
    while made < count:
        signed, file, way = cases[made % len(cases)]
        text = way(whole[signed, file], chance)
        if text != whole[signed, file]:
            made += 1
            yield Tampering(file, way.__name__.replace("_", " "), text, signed)


def is_found(run: Path, tampering: Tampering) -> bool:
    """Is this change told? The file is as it was afterwards."""
    path, certificate = run / tampering.file, run / CERTIFICATE
    before = path.read_bytes()
    path.write_bytes(tampering.text)
    try:
        return bool(verify(certificate, certificate.read_bytes(), run).wrong)
    finally:
        path.write_bytes(before)


def trial(directory: Path, count: int, seed: int) -> dict[tuple[str, str], Attempts]:
    """How many changes of each file in each way were tried and found, of a run that verifies as it is."""
    runs = {
        False: certified(directory / "unsigned", None),
        True: certified(directory / "signed", Signer(Ed25519PrivateKey.generate())),
    }
    wrong = [told for run in runs.values() for told in verify(run / CERTIFICATE, (run / CERTIFICATE).read_bytes(), run).wrong]
    if wrong:
        raise AssertionError("\n".join(wrong))
    tried, found = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for one in tamperings(runs, count, seed):
        tried[one.file, one.way] += 1
        found[one.file, one.way] += is_found(runs[one.is_signed], one)
    return {case: Attempts(tried[case], found[case]) for case in tried}


def main() -> int:
    """Print the table; 0 where every change was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as directory:
        outcomes = trial(Path(directory), args.changes, args.seed)
    for (file, way), outcome in sorted(outcomes.items()):
        sys.stdout.write(f"{file:18}{way:16}{outcome.found:6} of {outcome.tried} found\n")
    tried, found = (sum(column) for column in zip(*outcomes.values(), strict=True))
    sys.stdout.write(f"{found} of {tried} changes found, in {time.perf_counter() - began:.0f} s\n")
    return 0 if found == tried else 1


if __name__ == "__main__":
    sys.exit(main())
