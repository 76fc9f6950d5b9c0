"""The detection table: resets found, and by whom missed; quiet windows, and who cries wolf.

    python -m benchmarks.detection.__main__ [--resets 1008] [--quiet 1008] [--seed 1] [--jobs 2] [--explain]

Each window is played once: the real emulated BMC with a vendor's personality over Redfish or IPMI, on real sockets and a virtual clock;
the real observer and sight on it; the real judge over the journal they wrote. Pollers of PowerState watch the same machine. Ends with 1
where a reset that the BMC latches or has on record was not found, a reset was passed over, or a quiet window was called a reset.
"""
# ruff: noqa: INP001, T201 - a script that prints is what this is

import argparse
import asyncio
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks.detection.bmcs.ipmi import bmc_process
from benchmarks.detection.clock import Stage, VirtualLoop
from benchmarks.detection.story import Window, windows
from benchmarks.detection.table import faults, table_of_quiet, table_of_resets
from benchmarks.detection.window import WindowResult, play


async def played(stage: Stage, all_windows: Iterable[Window]) -> list[WindowResult]:
    """Play windows, one after the other."""
    with bmc_process() as process:
        return [await play(stage, window, process) for window in all_windows]


def play_all(all_windows: list[Window]) -> list[WindowResult]:
    """Play windows on a clock of their own."""
    loop = VirtualLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(played(Stage(loop), all_windows))


def outcomes(resets: int, quiet: int, seed: int, *, jobs: int = 1) -> list[WindowResult]:
    """Play so many windows of a seed, in so many processes."""
    wanted = windows(resets, quiet, seed)
    if jobs == 1:
        return play_all(wanted)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        shares = list(pool.map(play_all, [wanted[first::jobs] for first in range(jobs)]))
    return sorted((each for share in shares for each in share), key=lambda each: each.window.number)


def main() -> int:
    """Play, print, and tell whether all is as it must be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resets", type=int, default=1008)
    parser.add_argument("--quiet", type=int, default=1008)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="processes that share the work")
    parser.add_argument("--explain", action="store_true", help="print what was said of every window")
    chosen = parser.parse_args()
    began = time.perf_counter()
    results = outcomes(chosen.resets, chosen.quiet, chosen.seed, jobs=chosen.jobs)
    if chosen.explain:
        for each in results:
            print(f"{each.window.number:5} {each.window.subject.name:18} {each.verdict:8} {each.says}")
    print(f"python -m benchmarks.detection.__main__ --resets {chosen.resets} --quiet {chosen.quiet} --seed {chosen.seed}\n")
    print("\n".join([*table_of_resets(results), "", *table_of_quiet(results)]))
    wrong = faults(results)
    print("\n".join(["", f"{len(wrong)} faults; {time.perf_counter() - began:.0f} s", *wrong]))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
