"""Playing windows, in as many processes as wanted. Not in `__main__`, whose functions a spawned process does not find again."""
# ruff: noqa: INP001 - part of a script

import asyncio
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks.detection.bmcs.ipmi import bmc_process
from benchmarks.detection.clock import Stage, VirtualLoop
from benchmarks.detection.story import Window, windows
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
