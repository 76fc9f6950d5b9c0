"""harness recover: say where an interrupted run left everything, and lead on."""

import argparse
import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli.arguments import Help, Subparsers, add_command, add_directory, add_words
from harness.journal.run_directory import existing_run

if TYPE_CHECKING:
    from harness.run.recovery.ways import WayOn

HELP = Help(
    says="say where an interrupted run left everything, and lead on",
    more="""
Every write to a lab is in the journal before it is done, with its undo. Where nothing was moved yet, what a killed run left is undone;
doing it twice does no harm. Where a move was broken off, both clusters are looked at: where the move stands, who is paused, which
Ironic and which Baremetal Operator run, and which ways lead on. The one that is told by --do, or chosen on a terminal, is gone:

  undo     nothing was moved: take back the mover's pause, and what the run wrote
  unpause  on to the target: un-pause and move again, or finish by hand what must not be moved again
  back     back to the source: delete the copies, or finish the move and move back; then take back what the run wrote
  wait     wait for the mover that still runs, and until every host is taken over

A run that is still alive is left alone, and a journal from elsewhere is obeyed only where you say so.
It ends with 0 when all is as it was found, or every host is adopted, and with 3 while something is left. What a word of your own wrote
is undone by that word: give its directory again, unless the lab file names it.
""",
    examples="""
harness recover runs/20260101T120000Z-pivot               what is left, and what leads on
harness recover runs/20260101T120000Z-pivot --do unpause  un-pause, and move again to the end
""",
)
DO = ("undo", "unpause", "back", "wait")


def add(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(commands, "recover", perform, HELP)
    add_directory(parser, "the run directory of the interrupted run")
    add_words(parser)
    says = "a backup of what was moved, for the way back (default: the one that the run kept by its own --backup)"
    parser.add_argument("--backup", type=Path, metavar="DIR", default=None, help=says)
    says = "obey a journal that was not made on this machine: it names a lab file, and what is written to which cluster"
    parser.add_argument("--trust", action="store_true", help=says)
    parser.add_argument(
        "--do", choices=DO, default=None, dest="way", help="the way to go (default: undo where nothing was moved)"
    )


def perform(args: argparse.Namespace) -> int:
    """Lead on."""
    from harness.run.recover import Asking, RecoverOptions, recover

    directory = existing_run(args.directory)
    ask = Asking(asked, trusted) if sys.stdin.isatty() and sys.stdout.isatty() else None
    options = RecoverOptions(args.words, args.way, args.trust, args.backup)
    return int(asyncio.run(recover(directory, options, ask)))


def trusted(told: str) -> bool:
    """Ask at the terminal whether a journal that was not made here is obeyed."""
    sys.stdout.write(f"{told}\nobey it (yes or no)? ")
    sys.stdout.flush()
    return sys.stdin.readline().strip() == "yes"


def asked(ways: "Mapping[WayOn, str]") -> "WayOn | None":
    """Ask at the terminal which way to go; None where no way is named."""
    sys.stdout.write(f"which way ({', '.join(ways)}; empty: none)? ")
    sys.stdout.flush()
    said = sys.stdin.readline().strip()
    return next((way for way in ways if way == said), None)
