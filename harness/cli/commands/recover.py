"""harness recover: undo what an interrupted run left behind."""

import argparse
import asyncio

from harness.cli.arguments import Help, Subparsers, add_command, add_directory, add_words
from harness.journal.run_directory import existing_run

HELP = Help(
    says="undo what an interrupted run left behind, and say where its move stands",
    more="""
Every write to a lab is in the journal before it is done, with its undo. This undoes what a killed run could not undo itself; doing
it twice does no harm. Where a move was broken off it looks at both clusters, says where the move stands and which way leads on, and
leaves as it is what could give a server two owners; a mover that still runs is left alone. It ends with 0 when nothing is left, and
with 3 while something is. What a word of your own wrote is undone by that word: give its directory again, unless the lab file names it.
""",
    examples="""
harness recover runs/20260101T120000Z-pivot
""",
)


def add(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(commands, "recover", perform, HELP)
    add_directory(parser, "the run directory of the interrupted run")
    add_words(parser)


def perform(args: argparse.Namespace) -> int:
    """Undo what is left."""
    from harness.run.recover import recover

    directory = existing_run(args.directory)
    return int(asyncio.run(recover(directory, args.words)))
