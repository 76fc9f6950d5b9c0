"""harness sweep: kill the mover at every point of a move, recover each time, and tell what became of the hosts."""

import argparse
import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, Literal

from harness.cli.arguments import Help, Subparsers, add_command, add_lab, add_out, add_scenario, add_words, natural, scenario_file
from harness.errors import UsageError
from harness.exits import Exit

if TYPE_CHECKING:
    from harness.sweep.points import Choice
    from harness.sweep.sweep import Sweep

CORES = os.cpu_count() or 2
JOBS_MAX = 2 * CORES
"""Runs mostly wait, but on an overloaded machine emulated BMCs stop answering."""

MEANS: tuple[Literal["kill", "cut"], ...] = ("kill", "cut")

HELP = Help(
    says="kill the mover at every point of a move, and recover each time",
    more="""
One whole move is let through first; before each of its writes the mover is held while both clusters are looked at: what it would
leave, killed there. Then the scenario is run for each point, on a lab of its own: the mover is killed, or cut off for a
time, before a request is forwarded or after it was executed, and the move is recovered by what it left. A read changes nothing, so a
mover killed between two writes leaves one state, wherever that is: one kill before each write stands for all of them (each point
tells whether what was found agrees), and one after the last. A mover that is cut off tries again, so for cuts this does not hold:
each 5th request is struck. A sweep that was stopped goes on when it is started again with the same --out.
Tables: DIR/sweep.md by phase and end state, DIR/points.md point by point, DIR/found.json for programs; each point's directory keeps
its proof.
""",
    examples="""
harness sweep --every 50                                   a sample, some 40 runs
harness sweep --out sweeps/1.14                            the whole: some 550 runs, an hour or two; again, to go on
harness sweep --each --every 1                             every request, killed and cut off: some 3,200 runs
harness sweep --by kill --each --from 780 --to 800         every request of the end of a move
""",
)


def add(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(commands, "sweep", perform, HELP)
    add_scenario(parser, "move_killed", "a scenario with one `move_killed:`")
    add_lab(parser)
    add_out(parser)
    add_words(parser)
    number: dict[str, Any] = {"type": natural, "metavar": "N"}
    says = "only every N-th kill and every N-th request cut off (default: each kill, every 5th cut)"
    parser.add_argument("--every", default=0, help=says, **number)
    says = "kill at each request, before and after, instead of once between two writes"
    parser.add_argument("--each", action="store_true", help=says)
    parser.add_argument("--by", choices=MEANS, help="only kill, or only cut off (default: both)")
    parser.add_argument("--from", default=1, dest="first", help="the first request to strike (default: 1)", **number)
    parser.add_argument("--to", default=None, dest="last", help="the last one (default: the last of the move)", **number)
    says = f"labs at the same time, at most {JOBS_MAX} here (default: {CORES}, one a core)"
    parser.add_argument("--jobs", default=CORES, choices=range(1, JOBS_MAX + 1), help=says, **number)


def perform(args: argparse.Namespace) -> int:
    """Sweep, and print each point as it ends."""
    from harness.bench.switch_on import make_ready
    from harness.cli.run_files import read_files
    from harness.lab.model import Lab
    from harness.sweep import points, sweep

    scenario = scenario_file(args.scenario)
    lab, _, _ = read_files(args, scenario)
    if isinstance(lab, Lab):
        raise UsageError(f"{args.lab}: a sweep needs a fresh lab for each of its runs; name a lab file that makes one")
    make_ready(lab)
    points.struck_at(scenario, points.Point(1, "after", "kill"))
    this = sweep.swept(scenario, lab)
    args.directory = sweep.sweep_directory(args.out, this)
    choice = points.Choice(args.every, args.first, args.last, args.each, (args.by,) if args.by else MEANS)
    with sweep.alone_in(args.directory):
        return asyncio.run(
            run_sweep(
                sweep.Sweep(scenario, args.lab, args.directory, args.jobs, words=tuple(args.words)), choice, lab.name, this.mover
            )
        )


async def run_sweep(sweep: "Sweep", choice: "Choice", lab: str, mover: str) -> int:
    """Survey, strike every point, write the tables; the exit code of the worst point."""
    from harness.sweep import points as crash_points
    from harness.sweep import table as tables

    if task := asyncio.current_task():
        # As Ctrl-C does: its runs, and their labs, must end with it.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    survey = await sweep.survey()
    points = crash_points.points_of(survey, choice)
    writes = len(survey.writes)
    say(f"a whole move of {mover} makes {survey.requests} requests, {writes} of them writes; {len(points)} points to strike")
    done: dict[Any, Any] = {}

    def told(outcome: Any) -> None:
        again = " again" if outcome.point in done else ""
        done[outcome.point] = outcome
        say(f"[{len(done)}/{len(points)}{again}] {tables.line(outcome)}")

    try:
        await sweep.outcomes(points, told)
    finally:
        # A sweep takes hours: what was found until it was stopped is worth its tables.
        result = tables.Result(mover, lab, survey, list(done.values()))
        tables.write(sweep.directory, result)
        say(f"see {sweep.directory / tables.TABLE_FILE}")
    return exit_of({outcome.verdict for outcome in done.values()})


def say(text: str) -> None:
    """Print a line and flush it, so that it appears at once in a pipe too."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def exit_of(verdicts: set[str]) -> Exit:
    """The exit code of a whole sweep."""
    worst = (("broke", Exit.LAB_BROKE), ("fail", Exit.FAIL), ("unknown", Exit.UNKNOWN))
    return next((code for verdict, code in worst if verdict in verdicts), Exit.PASS)
