"""harness doctor: is this lab fit to pivot?"""

import argparse
import asyncio

from harness.cli.arguments import Help, Subparsers, add_command, add_lab, part
from harness.lab.model import load_lab

HELP = Help(
    says="is this lab fit to pivot? Changes nothing",
    more="""
Asks everything that a pivot needs and changes nothing: are the clusters reachable, the hosts quiet, the objects labelled, the BMCs
and images reachable from the target, the target's BMO and Ironic still stopped, the mover there and of a fitting version?
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


def perform(args: argparse.Namespace) -> int:
    """Examine the lab."""
    lab = load_lab(args.lab)
    part("bench.switch_on").make_ready(lab)
    return int(asyncio.run(part("run.doctor").examine(lab)))
