"""harness run: do a scenario to a lab, watch everything, judge."""

import argparse
import asyncio
from pathlib import Path

from harness.cli.arguments import Help, Subparsers, add_command, add_lab, add_out, add_scenario, scenario_file
from harness.cli.conclusion import conclude
from harness.files.problems import Problems
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


def perform(args: argparse.Namespace) -> int:
    """Run the scenario."""
    from harness.bench.switch_on import make_ready
    from harness.run.run import run_scenario

    lab, scenario = read_files(args.lab, scenario_file(args.scenario), Words())
    make_ready(lab)
    args.directory = make_run_directory(args.out, scenario.name)
    verdict = asyncio.run(run_scenario(scenario, lab, args.directory))
    return conclude(verdict, args.directory)


def read_files(lab_path: Path, scenario_path: Path, words: Words) -> tuple[AnyLab, Scenario]:
    """Both files; BadFilesError with the problems of both."""
    problems = Problems()
    lab = read_lab(lab_path, problems)
    scenario = read_scenario(scenario_path, problems, words=words, hosts=lab.host_names if lab else ())
    problems.raise_if_any()
    if lab is None or scenario is None:
        raise AssertionError("a file was refused without a problem")
    return lab, scenario
