"""The files that a run is made of, its lab and its scenario: read and checked whole, before anything is switched on."""

import argparse
from pathlib import Path

from harness.cli.arguments import words_of
from harness.files.problems import Problems
from harness.files.words import WordFiles
from harness.files.yaml_tree import Table, read_yaml
from harness.lab.file import read_lab
from harness.lab.model import AnyLab, Lab
from harness.scenario.grammar import read_scenario
from harness.scenario.model import Scenario
from harness.scenario.words import Words


def read_files(args: argparse.Namespace, scenario_path: Path) -> tuple[AnyLab, Scenario, WordFiles]:
    """Lab and scenario, with the words that both know; BadFilesError with the problems of both."""
    problems = Problems()
    lab = read_lab(args.lab, problems)
    if lab is None and names_words(args.lab):
        # Without them every word of one's own in the scenario would be told as a second mistake.
        problems.raise_if_any()
    words = words_of(args, lab)
    scenario = read_scenario(
        scenario_path, problems, words=Words(words), hosts=lab.host_names if lab else (), unwatched=unwatched(lab)
    )
    problems.raise_if_any()
    if lab is None or scenario is None:
        raise AssertionError("a file was refused without a problem")
    return lab, scenario, words


def unwatched(lab: AnyLab | None) -> frozenset[str]:
    """The sights of which it is known beforehand that this lab does not have them, in both clusters."""
    if lab is None:
        return frozenset()
    if not isinstance(lab, Lab):
        return frozenset({"audit"})
    has = {"ironic": lab.ironic.source and lab.ironic.target, "audit": lab.audit.source and lab.audit.target}
    return frozenset(sight for sight, access in has.items() if not access)


def names_words(lab: Path) -> bool:
    """Does a lab file that is wrong in some way name words of one's own?"""
    tree = read_yaml(lab, Problems())
    return isinstance(tree, Table) and "words" in tree.values
