"""The page for repositories' CI: every word of its table is one, and every step of the CI scenarios stands in it."""

import re

import yaml

from harness.files.words import words_without_directories
from tests.tidy.tree import ROOT, whole_tree

ROW = re.compile(r"^\|(?P<original>[^|]*)\|(?P<does>[^|]*)\|(?P<here>[^|]*)\|$", re.MULTILINE)
WORD = re.compile(r"`([a-z_]+)`")


def mapped() -> set[str]:
    """The words of the last column."""
    page = whole_tree()["docs/ci.md"].partition("## The original workflow")[2].partition("## Versions")[0]
    return {word for row in ROW.finditer(page) for word in WORD.findall(row["here"])}


def steps_of(scenario: str) -> set[str]:
    nodes = yaml.safe_load((ROOT / "scenarios" / f"{scenario}.yaml").read_text())["steps"]
    return {next(iter(node)) if isinstance(node, dict) else node for node in nodes}


def test_every_word_of_the_table_is_a_word():
    assert mapped() - {"ci_integration"} <= set(words_without_directories().names("step"))


def test_every_step_of_upstreams_jobs_stands_in_the_table():
    steps = steps_of("ci_integration") | steps_of("ci_feature_test") | steps_of("empty_to_empty")
    assert steps & set(words_without_directories().names("step")) <= mapped()
    assert len(steps) > 10
