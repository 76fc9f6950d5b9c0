"""harness import: make a run directory from foreign recordings."""

import argparse
import sys
from pathlib import Path

from harness.cli.arguments import Help, Subparsers, add_command, add_out, add_words, words_of
from harness.errors import UsageError
from harness.journal.journal import FILE_NAME
from harness.journal.run_directory import make_run_directory

HELP = Help(
    says="make a run directory from foreign recordings",
    more="""
Recordings are JSON lines (plain or .xz): watch.jsonl, audit.jsonl, bmc.jsonl, ironic.jsonl and their kind, or a directory of them.
What they show becomes a journal, and that can be judged like a run of our own.
""",
    examples="""
harness import recordings/b-good-pivot --out runs/good
harness import watch.jsonl.xz bmc.jsonl --out runs/last-night && harness judge runs/last-night
""",
)


def add(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(commands, "import", perform, HELP)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a recording, or a directory of recordings")
    add_out(parser, required=True)
    add_words(parser)


def perform(args: argparse.Namespace) -> int:
    """Import the recordings."""
    from harness.run.importer import import_recordings
    from harness.run.recordings import RecordingError

    missing = [str(path) for path in args.files if not path.exists()]
    if missing:
        raise UsageError("\n".join(f"{path}: there is no such file" for path in missing))
    ours = [str(path) for path in args.files if (path / FILE_NAME).is_file()]
    if ours:
        raise UsageError("\n".join(f"{path}: this is a run directory already; `harness judge {path}`" for path in ours))
    words = words_of(args)
    found = args.out.exists()
    args.directory = make_run_directory(args.out, "import")
    try:
        _, notes = import_recordings(args.files, args.directory, words)
    except RecordingError as error:
        if not found:
            args.directory.rmdir()
        raise UsageError(str(error)) from error
    sys.stderr.writelines(f"{note}\n" for note in notes)
    sys.stdout.write(f"{args.directory}\n")
    return 0
