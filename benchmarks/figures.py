"""The figures of the README in one run: capacity of the emulated BMCs beside sushy-emulator, and the detection table.

    python -m benchmarks.figures [--write]

Prints Markdown; `--write` puts it into docs/detection.md, between its marks. Ends with 1 where a limit is broken or the table has a fault.
"""
# ruff: noqa: INP001, T201 - a script that prints is what this is

import argparse
import asyncio
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks import bmc as capacity
from benchmarks.detection.families import notes_on_families, table_of_families
from benchmarks.detection.outcomes import outcomes
from benchmarks.detection.table import faults, summary, table_of_quiet, table_of_resets
from benchmarks.detection.window import WindowResult

PAGE = Path(__file__).parents[1] / "docs" / "detection.md"
IDENTITIES = 1000
CLIENTS = [1, 10]
SECONDS = 3.0
WINDOWS = 1008
SEED = 1
JOBS = 2


def table_of_capacity(memory: capacity.Memory, rates: Iterable[capacity.Rate]) -> list[str]:
    """Two limits of the emulated BMC, and what was measured."""
    rows = ["| emulated Redfish BMCs | measured | limit |", "| --- | --- | --- |"]
    rows.append(f"| {memory.identities} identities in one process | {memory.held_mb:.0f} MB | <= {capacity.LIMIT_MB} MB |")
    for rate in rates:
        said = f"{rate.ours:.0f}/s, sushy-emulator 2.2.0 {rate.peer:.0f}/s: {rate.ratio:.1f} times"
        rows.append(f"| GET System, {rate.clients} clients | {said} | >= {capacity.LIMIT_RATIO} times |")
    return rows


def blocks_of_detection(results: list[WindowResult]) -> dict[str, list[str]]:
    """What docs/detection.md shows of the windows, by the name of its place there."""
    return {"summary": summary(results), "resets": table_of_resets(results), "quiet": table_of_quiet(results)}


def blocks_of_families() -> dict[str, list[str]]:
    """What docs/detection.md shows of the witnesses."""
    return {"families": [*table_of_families(), "", *notes_on_families()]}


def written(page: str, blocks: dict[str, list[str]]) -> str:
    """The page with new blocks between their marks. ValueError for a block that has no place there."""
    for name, lines in blocks.items():
        between = re.compile(rf"(?<=<!-- begin {name} -->\n).*?(?=<!-- end {name} -->)", re.DOTALL)
        place = between.search(page)
        if not place:
            raise ValueError(f"the page has no place for {name}: write <!-- begin {name} --> and <!-- end {name} -->")
        page = "\n".join([page[: place.start()], *lines, "", page[place.end() :]])
    return page


def tell(blocks: dict[str, list[str]], *, write: bool) -> None:
    """Print blocks, and put them into the page if wanted."""
    print("\n".join(line for lines in blocks.values() for line in [*lines, ""]), flush=True)
    if write:
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), blocks), encoding="utf-8")


def main() -> int:
    """Measure, print, and tell whether all is as it must be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/detection.md")
    chosen = parser.parse_args()
    results = outcomes(WINDOWS, WINDOWS, SEED, jobs=JOBS)
    tell(blocks_of_detection(results) | blocks_of_families(), write=chosen.write)
    memory = asyncio.run(capacity.memory(IDENTITIES))
    rates = asyncio.run(capacity.rates(CLIENTS, SECONDS))
    tell({"capacity": table_of_capacity(memory, rates)}, write=chosen.write)
    wrong = faults(results)
    print("\n".join([f"{len(wrong)} faults in the detection table", *wrong]))
    return int(bool(wrong) or not memory.good or not all(rate.good for rate in rates))


if __name__ == "__main__":
    sys.exit(main())
