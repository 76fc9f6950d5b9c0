# ruff: noqa: T201 -- a program for the terminal
"""Ask a real kube-apiserver and ours the same, and print what differs: `python -m tests.emulated.apiserver.oracle`."""

import argparse
import asyncio
import difflib
import json
import os
import sys
import tempfile
from pathlib import Path

from harness.emulated.apiserver.store.clock import Clock, system_clock
from tests.emulated.apiserver.oracle import servers
from tests.emulated.apiserver.oracle.asking import Answer, ask_in_turn, set_up
from tests.emulated.apiserver.oracle.suite import PROBES, RECORDED, clock_of_the_recording, read, write
from tests.emulated.apiserver.oracle.things import SETUP

ANSWER_LINES_MAX = 60


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="probes whose name has this text")
    parser.add_argument("--recorded", action="store_true", help="compare with the recorded answers instead of a running server")
    parser.add_argument("--record", action="store_true", help="keep the real server's answers as the recorded ones")
    parser.add_argument("--brief", action="store_true", help="names only")
    arguments = parser.parse_args()
    probes = [one for one in PROBES if arguments.only in one.name]
    real = read() if arguments.recorded else asyncio.run(of_the_real_one(probes))
    if arguments.record:
        write(real)
        print(f"{len(real)} answers kept in {RECORDED}; RECORDED_AT in suite.py is to be {system_clock():%Y-%m-%d}")
    ours = asyncio.run(of_ours(probes, clock_of_the_recording if arguments.recorded else system_clock))
    different = [one.name for one in probes if real[one.name] != ours[one.name]]
    for one in probes:
        if one.name in different:
            print(f"different  {one.name}")
            if not arguments.brief:
                print(told(real[one.name], ours[one.name]))
        elif not arguments.brief:
            print(f"identical  {one.name}")
    print(f"{len(probes) - len(different)} of {len(probes)} identical")
    return 1 if different else 0


def told(real: list[Answer], ours: list[Answer]) -> str:
    lines = [json.dumps(each, indent=1, sort_keys=True, ensure_ascii=False).splitlines() for each in (real, ours)]
    found = [line[:400] for line in difflib.unified_diff(*lines, "real", "emulated", n=2, lineterm="")][2:]
    more = [f"... {len(found) - ANSWER_LINES_MAX} lines more"] if len(found) > ANSWER_LINES_MAX else []
    return "\n".join(f"    {line}" for line in [*found[:ANSWER_LINES_MAX], *more])


async def _answers(server, probes):
    await set_up(server, SETUP)
    return await ask_in_turn(server, probes)


async def of_ours(probes, clock: Clock):
    async with servers.emulated(clock) as server:
        return await _answers(server, probes)


async def of_the_real_one(probes):
    directory = os.environ.get("HARNESS_REAL_BIN", "")
    programs = {name: Path(directory) / name for name in servers.PROGRAMS}
    if missing := [str(path) for path in programs.values() if not path.is_file()]:
        sys.exit(f"not there: {', '.join(missing)}; set HARNESS_REAL_BIN to a directory that has them")
    with tempfile.TemporaryDirectory(prefix="oracle-") as files:
        async with servers.real(programs, Path(files)) as server:
            return await _answers(server, probes)


if __name__ == "__main__":
    sys.exit(main())
