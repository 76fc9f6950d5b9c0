"""harness doctor: is this lab fit to pivot?"""

import argparse
import asyncio

from harness.cli.arguments import Help, Subparsers, add_command, add_lab, add_words, words_of
from harness.exits import exit_of_verdict
from harness.judgement import merge

HELP = Help(
    says="is this lab fit to pivot? Changes nothing",
    more="""
Asks everything that a pivot needs and changes nothing: are the clusters reachable, the hosts quiet, the objects labelled, the BMCs
and images reachable from the target, the target's BMO and Ironic still stopped, the mover there and of a fitting version?
Then it tells what a move would take along, leave, and lose, with the cure; to lose what a user wrote is a failure.
""",
    examples="""
harness doctor
harness doctor --lab ci.yaml
""",
)


def add(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(commands, "doctor", perform, HELP)
    add_lab(parser)
    add_words(parser)


def perform(args: argparse.Namespace) -> int:
    """Examine the lab, and print what every pre-flight check says, and what a move would take along, leave and lose."""
    from harness.bench.switch_on import make_ready
    from harness.lab.file import load_lab
    from harness.report.terminal import print_examination
    from harness.run.doctor import examine
    from harness.verdict.judge import told_counts

    lab = load_lab(args.lab)
    words = words_of(args, lab)
    make_ready(lab)
    examination = asyncio.run(examine(lab, words))
    verdict = merge(judgement.verdict for _, judgement in examination.answers)
    print_examination(examination.answers, verdict, fates=told_counts(examination.fates))
    return exit_of_verdict(verdict)
