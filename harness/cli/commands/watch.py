"""harness watch: be the witness of somebody else's pivot."""

import argparse
import asyncio

from harness.cli.arguments import (
    Help,
    Subparsers,
    add_command,
    add_lab,
    add_out,
    add_sign_key,
    add_words,
    duration,
    signer_of,
    words_of,
)
from harness.cli.conclusion import conclude
from harness.journal.run_directory import make_run_directory

HELP = Help(
    says="be the read-only witness of somebody else's pivot",
    more="""
Watches everything a run would watch and writes nothing to the lab, but for subscriptions to events at its BMCs where the lab file
has `events`. It ends when the time is up or at Ctrl-C, and then judges.
""",
    examples="""
harness watch --lab production.yaml                 until Ctrl-C
harness watch --lab production.yaml --for 45m       for three quarters of an hour at most
harness watch --lab production.yaml --steady        that nothing is reprovisioned while nobody pivots, as in an upgrade
""",
)


def add(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(commands, "watch", perform, HELP)
    add_lab(parser)
    add_out(parser)
    add_words(parser)
    add_sign_key(parser)
    says = "how long, like 10m (default: until Ctrl-C)"
    says_steady = "promise that nothing happens to any server, with or without a pivot"
    parser.add_argument("--steady", action="store_true", help=says_steady)
    parser.add_argument("--for", type=duration, dest="seconds", metavar="DURATION", help=says)


def perform(args: argparse.Namespace) -> int:
    """Watch the lab."""
    from harness.bench.switch_on import make_ready
    from harness.lab.file import load_lab
    from harness.run.run import watch

    signer = signer_of(args)
    lab = load_lab(args.lab)
    words = words_of(args, lab)
    make_ready(lab)
    args.directory = make_run_directory(args.out, "watch")
    verdict = asyncio.run(watch(lab, args.directory, seconds=args.seconds, steady=args.steady, words=words, signer=signer))
    return conclude(verdict, args.directory)
