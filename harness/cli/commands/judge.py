"""harness judge: judge a recorded run again."""

import argparse

from harness.cli.arguments import Help, Subparsers, add_command, add_directory
from harness.cli.conclusion import conclude, print_verdict
from harness.errors import UsageError
from harness.files.problems import advice, quote
from harness.journal.run_directory import existing_run
from harness.report import write_reports
from harness.scenario.words import Words
from harness.verdict.judge import judge_directory, write_verdict

HELP = Help(
    says="judge a recorded run again",
    more="""
Verdicts are functions of the journal alone, so they can be computed again at any time and without a lab. Without --check
the run's own expectations are judged, and verdict.json and the documents are written again; with --check nothing is written.
""",
    examples="""
harness judge runs/20260101T120000Z-pivot
harness judge runs/20260101T120000Z-pivot --check bmc_untouched --check one_owner
""",
)


def add(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(commands, "judge", perform, HELP)
    add_directory(parser, "a run directory")
    says = "judge by this check instead (may be given more than once; `harness words` lists them)"
    parser.add_argument("--check", action="append", default=[], dest="checks", metavar="WORD", help=says)


def perform(args: argparse.Namespace) -> int:
    """Judge the run."""
    directory = existing_run(args.directory)
    refuse_unknown(args.checks, Words().names("check"))
    verdict = judge_directory(directory, args.checks)
    if args.checks:
        return print_verdict(verdict)
    write_verdict(directory, verdict)
    write_reports(directory)
    return conclude(verdict["verdict"], directory)


def refuse_unknown(checks: list[str], known: list[str]) -> None:
    """UsageError for the checks that are not known, all of them in one."""
    unknown = [f"there is no check {quote(it)}{advice(it, known)}" for it in checks if it not in known]
    if unknown:
        raise UsageError("\n".join(unknown))
