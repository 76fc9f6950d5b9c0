"""harness report: write a run's documents again."""

import argparse
import sys

from harness.cli.arguments import Help, Subparsers, add_command, add_directory, add_sign_key, signer_of
from harness.cli.conclusion import note_superseded
from harness.journal.run_directory import existing_run

HELP = Help(
    says="write a run's documents again",
    more="""
Writes report.html, junit.xml, certificate.json and all their kind from the journal and the verdicts, without a lab.
""",
    examples="""
harness report runs/20260101T120000Z-pivot
""",
)


def add(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(commands, "report", perform, HELP)
    add_directory(parser, "a run directory")
    add_sign_key(parser)


def perform(args: argparse.Namespace) -> int:
    """Write the documents."""
    from harness.report.write import write_reports
    from harness.verdict.judge import uncollected

    signer = signer_of(args)
    directory = existing_run(args.directory)
    with uncollected():
        note_superseded(write_reports(directory, signer))
    sys.stdout.write(f"{directory}\n")
    return 0
