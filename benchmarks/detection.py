"""The detection table: resets found, and by whom missed; quiet windows, and who cries wolf.

    python -m benchmarks.detection [--resets 1008] [--quiet 1008] [--seed 1] [--jobs 2] [--explain]

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

from benchmarks.detection_clock import Stage, VirtualLoop
from benchmarks.detection_ipmi import bmc_process
from benchmarks.detection_story import DISTURBANCES, KINDS, SUBJECTS, Window, windows
from benchmarks.detection_window import Outcome, play

POLLERS = (1.0, 10.0, 60.0, 120.0)


async def played(stage: Stage, all_windows: Iterable[Window]) -> list[Outcome]:
    """Play windows, one after the other."""
    with bmc_process() as process:
        return [await play(stage, window, POLLERS, process) for window in all_windows]


def play_all(all_windows: list[Window]) -> list[Outcome]:
    """Play windows on a clock of their own."""
    loop = VirtualLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(played(Stage(loop), all_windows))


def outcomes(resets: int, quiet: int, seed: int, *, jobs: int = 1) -> list[Outcome]:
    """Play so many windows of a seed, in so many processes."""
    wanted = windows(resets, quiet, seed, POLLERS)
    if jobs == 1:
        return play_all(wanted)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        shares = list(pool.map(play_all, [wanted[first::jobs] for first in range(jobs)]))
    return sorted((each for share in shares for each in share), key=lambda each: each.window.number)


def faults(results: list[Outcome]) -> list[str]:
    """What must not be, a line each."""
    wrong: list[str] = []
    for window, verdict, says, _ in results:
        story = f"window {window.number}, {window.subject.name}: {window.reset} {[each.kind for each in window.disturbances]}"
        if window.reset and verdict == "pass":
            wrong.append(f"PASSED OVER  {story}: {says}")
        elif window.must_be_found and verdict != "fail":
            wrong.append(f"NOT FOUND    {story}: {says}")
        elif not window.reset and verdict == "fail":
            wrong.append(f"FALSE ALARM  {story}: {says}")
    return wrong


def line(name: str, what: str, results: list[Outcome]) -> str:
    """One row of the table of resets."""
    count = {verdict: sum(each.verdict == verdict for each in results) for verdict in ("fail", "unknown", "pass")}
    must = [each for each in results if each.window.must_be_found]
    found = f"{sum(each.verdict == 'fail' for each in must)}/{len(must)}" if must else "-"
    polled = [f"{100 * sum(each.polled[place] for each in results) / len(results):6.1f}" for place in range(len(POLLERS))]
    figures = f"{len(results):7}{count['fail']:7}{count['unknown']:9}{count['pass']:8}{found:>11}"
    return f"{name:18}{what:10}{figures}  {' '.join(polled)}"


def table_of_resets(results: list[Outcome]) -> list[str]:
    """A row for each subject and kind, and the sum."""
    mine = [each for each in results if each.window.reset]
    head = f"{'BMC':18}{'reset':10}{'resets':>7}{'found':>7}{'unknown':>9}{'missed':>8}{'latched':>11}  "
    rows = [head + " ".join(f"{f'{poll:g} s %':>6}" for poll in POLLERS)]
    for subject in SUBJECTS:
        for kind in KINDS:
            own = [
                each for each in mine if each.window.subject == subject and each.window.reset and each.window.reset.kind == kind
            ]
            rows += [line(subject.name, kind, own)] if own else []
    return [*rows, line("all", "", mine)] if mine else rows


def table_of_quiet(results: list[Outcome]) -> list[str]:
    """A row for each trouble; a window with two troubles is in both."""
    mine = [each for each in results if not each.window.reset]
    rows = [f"{'quiet windows with':28}{'windows':>8}{'false alarms':>14}{'unknown':>9}{'pass':>7}"]
    for kind in DISTURBANCES:
        rows += [quiet_line(kind, [each for each in mine if any(kind == trouble.kind for trouble in each.window.disturbances)])]
    return [*rows, quiet_line("all", mine)]


def quiet_line(name: str, results: list[Outcome]) -> str:
    """One row of the table of quiet windows."""
    alarms, unknown, quiet = (sum(each.verdict == verdict for each in results) for verdict in ("fail", "unknown", "pass"))
    return f"{name:28}{len(results):8}{alarms:14}{unknown:9}{quiet:7}"


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
        for window, verdict, says, _ in results:
            print(f"{window.number:5} {window.subject.name:18} {verdict:8} {says}")
    print(f"python -m benchmarks.detection --resets {chosen.resets} --quiet {chosen.quiet} --seed {chosen.seed}\n")
    print("\n".join([*table_of_resets(results), "", *table_of_quiet(results)]))
    wrong = faults(results)
    print("\n".join(["", f"{len(wrong)} faults; {time.perf_counter() - began:.0f} s", *wrong]))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
