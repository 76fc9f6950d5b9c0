"""harness run: do a scenario to a lab, watch everything, judge."""

import argparse
import asyncio
from pathlib import Path

from harness.cli.arguments import (
    Help,
    Subparsers,
    add_command,
    add_lab,
    add_out,
    add_scenario,
    add_sign_key,
    add_words,
    scenario_file,
    signer_of,
)
from harness.cli.conclusion import conclude
from harness.journal.run_directory import make_run_directory

HELP = Help(
    says="run a scenario on a lab, and judge it",
    more="""
Both files are checked whole before anything is switched on. Then the steps are done while the API servers, BMCs, Ironics, the mover
and the network are watched; what was done and seen is in DIR/journal.jsonl, what it proves in DIR/verdict.json and DIR/report.html.
Whatever way the run ends before a move, the lab is left as it was found. A move that has begun is not broken off with the run,
but on an embedded lab of the run's own (--on-interrupt); `harness recover DIR` then says where it stands, and which way leads on.
""",
    examples="""
harness run                                        a pivot on the embedded lab
harness run pivot_status_lost                      the same while a host's status gets lost on the way
harness run scenarios/pivot.yaml --lab ci.yaml     on the lab that ci.yaml describes
harness run my.yaml --out evidence/release-1.13    with a run directory of your choice
harness run --sign-key sign.pem                    with a certificate that others can check: `harness verify --key sign.pub`
""",
)


def add(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(commands, "run", perform, HELP)
    add_scenario(parser, "pivot")
    add_lab(parser)
    add_out(parser)
    add_words(parser)
    add_sign_key(parser)
    says = "what becomes of a mover when the run is broken off (default: stop on an embedded lab of the run's own, else leave)"
    says_backup = (
        "keep what is moved in this new directory before the first move: it holds Secrets, and `recover --do back` can use it"
    )
    parser.add_argument("--backup", type=Path, metavar="DIR", default=None, help=says_backup)
    parser.add_argument("--on-interrupt", choices=("leave", "stop"), default="", help=says)


def perform(args: argparse.Namespace) -> int:
    """Run the scenario."""
    from harness.bench.switch_on import make_ready
    from harness.cli.run_files import read_files
    from harness.run.run import run_scenario

    signer = signer_of(args)
    lab, scenario, words = read_files(args, scenario_file(args.scenario))
    make_ready(lab)
    args.directory = make_run_directory(args.out, scenario.name)
    kept = args.backup.resolve() if args.backup else None
    run = run_scenario(scenario, lab, args.directory, words, signer, on_interrupt=args.on_interrupt, backup=kept)
    verdict = asyncio.run(run)
    return conclude(verdict, args.directory)
