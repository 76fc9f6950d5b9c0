"""harness sweep: kill the mover at every request of a move, recover each time, and tell what became of the hosts."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

from harness.commands.arguments import Help, Subparsers, add_command, add_lab, add_out, part
from harness.commands.run import find_scenario, read_files
from harness.exits import Exit, RefusedError
from harness.lab import Lab
from harness.run_directory import make_run_directory
from harness.words import Words

SCENARIO = Path("scenarios/move_killed.yaml")
SWEEP_FILE = "sweep.md"
JOBS_MAX = 2

HELP = Help(
    says="kill the mover at every request of a move, and recover each time",
    more="""
One whole move is counted first. Then the scenario is run for each request, or for every N-th: the mover is killed, or cut off for a
time, before the request is forwarded and after it was executed; each run has a lab of its own, and its directory keeps the proof.
The table is in DIR/sweep.md.
""",
    examples="""
harness sweep --every 50                            a sample, some 60 runs
harness sweep --from 780 --to 800 --out /tmp/end    every request of the end of a move
""",
)


def add(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(commands, "sweep", perform, HELP)
    says = f"a scenario with one `move_killed:` (default: {SCENARIO})"
    parser.add_argument("scenario", nargs="?", type=Path, default=SCENARIO, metavar="SCENARIO", help=says)
    add_lab(parser)
    add_out(parser)
    number: dict[str, Any] = {"type": natural, "metavar": "N"}
    parser.add_argument("--every", default=1, help="only every N-th request (default: each)", **number)
    parser.add_argument("--from", default=1, dest="first", help="the first request to strike (default: 1)", **number)
    parser.add_argument("--to", default=None, dest="last", help="the last one (default: the last of the move)", **number)
    says = f"labs at the same time, at most {JOBS_MAX} (default: {JOBS_MAX})"
    parser.add_argument("--jobs", default=JOBS_MAX, choices=range(1, JOBS_MAX + 1), help=says, **number)


def natural(text: str) -> int:
    """The type of an option that counts something."""
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def perform(args: argparse.Namespace) -> int:
    """Sweep, and tell."""
    scenario = find_scenario(args.scenario)
    lab, _ = read_files(args.lab, scenario, Words())
    if isinstance(lab, Lab):
        raise RefusedError(f"{args.lab}: a sweep needs a fresh lab for each of its runs; name a lab file that makes one")
    sweep = part("sweep")
    sweep.struck_at(scenario, sweep.Point(1, "after", "kill"))
    args.directory = make_run_directory(args.out, "sweep")
    return asyncio.run(swept(sweep.Sweep(scenario, args.lab, args.directory, args.jobs), args, lab.name))


async def swept(sweep: Any, args: argparse.Namespace, lab: str) -> int:
    """Count, strike every point, write the table; the exit code of the worst point."""
    tables, points_of = part("sweep_table"), part("sweep").points_of
    if task := asyncio.current_task():
        # As Ctrl-C does: its runs, and their labs, must end with it.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    counted = await sweep.count()
    points = points_of(counted.requests, every=args.every, first=args.first, last=args.last)
    say(f"a whole move of {counted.mover} makes {counted.requests} requests; {len(points)} points to strike")
    done: list[Any] = []

    def told(outcome: Any) -> None:
        done.append(outcome)
        say(tables.line(outcome, len(done), len(points)))

    table = sweep.directory / SWEEP_FILE
    try:
        await sweep.outcomes(points, told)
    finally:
        # A sweep takes hours: what was found until it was stopped is worth its table.
        found = sorted(done, key=lambda outcome: points.index(outcome.point))
        table.write_text(tables.document(counted, found, every=args.every, lab=lab))
        say(f"see {table}")
    return exit_of({outcome.verdict for outcome in done})


def say(text: str) -> None:
    """A line at once, also where nobody looks on."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def exit_of(verdicts: set[str]) -> Exit:
    """The exit code of a whole sweep."""
    worst = (("broke", Exit.LAB_BROKE), ("fail", Exit.FAIL), ("unknown", Exit.UNKNOWN))
    return next((code for verdict, code in worst if verdict in verdicts), Exit.PASS)
