"""harness compare: how true is one run of a story to another?"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli.arguments import Help, Subparsers, add_command
from harness.errors import UsageError
from harness.exits import Exit

if TYPE_CHECKING:
    from harness.compare.trace import Trace

HELP = Help(
    says="compare two runs of the same story, host by host",
    more="""
A and B are run directories, or directories of recordings. Hosts are matched by role, clusters by the direction of the move; a run
without a move is compared as it is, from its beginning to its end. What differs in states, annotations, conditions, events,
Ironic's states, requests to the BMCs and numbers of watch events is told, with the first divergence of each host. Known
differences are accepted, each with its reason. Exit code 0: no other is left; 1: a new one is there; 3: none is there, but one
of the runs did not see all that is compared.
""",
    examples="""
harness compare tests/recordings/b-good-pivot runs/20260101T120000Z-pivot
harness compare tests/recordings/c-good-repivot runs/there-and-back          # the last move of each
harness compare runs/there-and-back runs/there-and-back --move-a 1 --move-b 2
harness compare tests/recordings/a-provision runs/provision-and-pivot --move-b 1   # what came before its move
""",
)


def add(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(commands, "compare", perform, HELP)
    parser.add_argument("first", type=Path, metavar="A", help="a run directory, or a directory of recordings")
    parser.add_argument("second", type=Path, metavar="B", help="another of the same story")
    for letter in "ab":
        says = f"which move of {letter.upper()}, counted from 1, a provisioning from zero included (default: the last)"
        parser.add_argument(f"--move-{letter}", type=move_number, default=0, metavar="N", help=says)
    parser.add_argument("--accepted", type=Path, metavar="FILE", help="the accepted differences (default: ours)")


def move_number(text: str) -> int:
    """A number of a move."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of a move; they count from 1")
    return int(text)


def perform(args: argparse.Namespace) -> int:
    """Compare the two."""
    from harness.compare.accepted import FILE, load_accepted
    from harness.compare.comparison import compare
    from harness.compare.text import lines

    accepted = load_accepted(args.accepted or FILE)
    stories = story_of(args.first, args.move_a), story_of(args.second, args.move_b)
    comparison = compare(*stories, accepted)
    sys.stdout.writelines(f"{line}\n" for line in lines((str(args.first), str(args.second)), stories, comparison))
    if comparison.new:
        return Exit.FAIL
    return Exit.UNKNOWN if comparison.unseen else Exit.PASS


def story_of(directory: Path, number: int) -> "Trace":
    """The trace of a run directory or of recordings. Raises UsageError, with a remedy, if it is neither."""
    from harness.compare.trace import UnknownLegError, trace_of
    from harness.journal.journal import FILE_NAME, read
    from harness.run.importer import import_recordings
    from harness.run.recordings import RecordingError

    try:
        if (directory / FILE_NAME).is_file():
            return trace_of(read(directory / FILE_NAME), number)
        if not directory.is_dir():
            raise UsageError(f"{directory}: there is no such directory; name a run directory, or one of recordings")
        with tempfile.TemporaryDirectory(prefix="harness-") as place:
            journal, notes = import_recordings([directory], Path(place))
            sys.stderr.writelines(f"{note}\n" for note in notes)
            return trace_of(read(journal), number)
    except (RecordingError, UnknownLegError) as error:
        raise UsageError(f"{directory}: {error}") from error
