"""The detection table: resets found, and by whom missed; quiet windows, and who cries wolf.

    python -m benchmarks.detection [--resets 1008] [--quiet 1008] [--seed 1] [--jobs 2] [--explain]

Each window is played once: the real emulated BMC with a vendor's personality over Redfish or IPMI, on real sockets and a virtual clock;
the real observer and sight on it; the real judge over the journal they wrote. Pollers of PowerState watch the same machine. Ends with 1
where a reset that the BMC latches or has on record was not found, a reset was passed over, or a quiet window was called a reset.
"""
# ruff: noqa: INP001, T201 - a script that prints is what this is

import argparse
import sys
import time

from benchmarks.detection.outcomes import outcomes
from benchmarks.detection.table import faults, table_of_quiet, table_of_resets


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
    print(f"python -m benchmarks.detection --resets {chosen.resets} --quiet {chosen.quiet} --seed {chosen.seed}\n")
    print("\n".join([*table_of_resets(results), "", *table_of_quiet(results)]))
    wrong = faults(results)
    print("\n".join(["", f"{len(wrong)} faults; {time.perf_counter() - began:.0f} s", *wrong]))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
