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
    add_words,
    scenario_file,
    words_of,
)
from harness.cli.conclusion import conclude
from harness.files.problems import Problems
from harness.files.words import WordFiles
from harness.files.yaml_tree import Table, read_yaml
from harness.journal.run_directory import make_run_directory
from harness.lab.file import read_lab
from harness.lab.model import AnyLab
from harness.scenario.grammar import read_scenario
from harness.scenario.model import Scenario
from harness.scenario.words import Words

HELP = Help(
    says="run a scenario on a lab, and judge it",
    more="""
Both files are checked whole before anything is switched on. Then the steps are done while the API servers, BMCs, Ironics, the mover
and the network are watched; what was done and seen is in DIR/journal.jsonl, what it proves in DIR/verdict.json and DIR/report.html.
Whatever way the run ends, the lab is left as it was found.
""",
    examples="""
harness run                                        a pivot on the embedded lab
harness run pivot_status_lost                      the same while a host's status gets lost on the way
harness run scenarios/pivot.yaml --lab ci.yaml     on the lab that ci.yaml describes
harness run my.yaml --out evidence/release-1.13    with a run directory of your choice
""",
)


def add(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(commands, "run", perform, HELP)
    add_scenario(parser, "pivot")
    add_lab(parser)
    add_out(parser)
    add_words(parser)


def perform(args: argparse.Namespace) -> int:
    """Run the scenario."""
    from harness.bench.switch_on import make_ready
    from harness.run.run import run_scenario

    lab, scenario, words = read_files(args, scenario_file(args.scenario))
    make_ready(lab)
    args.directory = make_run_directory(args.out, scenario.name)
    verdict = asyncio.run(run_scenario(scenario, lab, args.directory, words))
    return conclude(verdict, args.directory)


def read_files(args: argparse.Namespace, scenario_path: Path) -> tuple[AnyLab, Scenario, WordFiles]:
    """Lab and scenario, with the words that both know; BadFilesError with the problems of both."""
    problems = Problems()
    lab = read_lab(args.lab, problems)
    if lab is None and names_words(args.lab):
        # Without them every word of one's own in the scenario would be told as a second mistake.
        problems.raise_if_any()
    words = words_of(args, lab)
    scenario = read_scenario(scenario_path, problems, words=Words(words), hosts=lab.host_names if lab else ())
    problems.raise_if_any()
    if lab is None or scenario is None:
        raise AssertionError("a file was refused without a problem")
    return lab, scenario, words


def names_words(lab: Path) -> bool:
    """Does a lab file that is wrong in some way name words of one's own?"""
    tree = read_yaml(lab, Problems())
    return isinstance(tree, Table) and "words" in tree.values
