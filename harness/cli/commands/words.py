"""harness words: every step, fault and check with its arguments and its promise; every class of defect of the catalogue."""

import argparse
import sys
import textwrap

from harness.catalogue.trial.classes import DefectClass, load
from harness.catalogue.trial.classes import words as classes
from harness.cli.arguments import Help, Subparsers, add_command
from harness.errors import UsageError
from harness.files.problems import advice, quote
from harness.scenario.word_list import WIDTH, describe, table
from harness.scenario.words import Role, Words

ROLES: tuple[Role, ...] = ("step", "fault", "check")

HELP = Help(
    says="what scenarios can say: steps, faults and checks",
    more="""
A word is a file in harness/steps, harness/faults or harness/checks; scenarios use it by its name.
""",
    examples="""
harness words              all of them
harness words move         one in full, with an example
harness words --catalogue  the classes of defects that `harness judge --mutate` plants
""",
)


def add(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(commands, "words", perform, HELP)
    parser.add_argument("word", nargs="?", metavar="WORD", help="show this word in full")
    says = "show the classes of defects by which the judge is tried, by the rule that finds them"
    parser.add_argument("--catalogue", action="store_true", help=says)


def perform(args: argparse.Namespace) -> int:
    """Print the words."""
    sys.stdout.write(shown_classes() if args.catalogue else shown(Words(), args.word))
    return 0


def shown_classes() -> str:
    """The catalogue: the classes of each rule, and what they plant."""
    by_rule: dict[str, list[DefectClass]] = {}
    for word in classes():
        defect = load(word)
        by_rule.setdefault(defect.rule, []).append(defect)
    lines: list[str] = []
    for rule, group in by_rule.items():
        lines += ["", rule]
        for defect in group:
            lines.append(f"  {defect.word}")
            lines += textwrap.wrap(defect.says, WIDTH, initial_indent="      ", subsequent_indent="      ")
    return "\n".join(lines[1:]) + "\n"


def shown(words: Words, name: str | None) -> str:
    """The table of all words, or all about the words of one name; UsageError where there is none."""
    if name is None:
        return table(words.everything())
    roles: list[Role] = [role for role in ROLES if name in words.names(role)]
    if not roles:
        raise UsageError(f"there is no word {quote(name)}{advice(name, [it for role in ROLES for it in words.names(role)])}")
    return "\n".join(describe(words.find(role, name)) for role in roles)
