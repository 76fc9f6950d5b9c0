"""harness words: every step, fault and check with its arguments and its promise; every class of defect of the catalogue."""

import argparse
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli.arguments import Help, Subparsers, add_command, add_words, words_of
from harness.errors import UsageError
from harness.exits import Exit
from harness.files.problems import advice, quote
from harness.files.words import ENTRY_POINTS, ROLES, Role

if TYPE_CHECKING:
    from harness.catalogue.trial.classes import DefectClass
    from harness.scenario.words import Words

HELP = Help(
    says="what scenarios can say: steps, faults and checks",
    more=f"""
A word is a file in harness/steps, harness/faults or harness/checks; scenarios use it by its name. Words of your own stand in a
directory with the same folders, named by --words or by `words:` in a lab file, or in an installed package that has an entry point
in the group {ENTRY_POINTS}. Exit code 2 where one of them cannot be read; the others are listed.
""",
    examples="""
harness words              all of them
harness words move         one in full, with an example
harness words --words our-words       with those of a directory
harness words --catalogue  the classes of defects that `harness judge --mutate` plants
""",
)


def add(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(commands, "words", perform, HELP)
    parser.add_argument("word", nargs="?", metavar="WORD", help="show this word in full")
    add_words(parser)
    parser.add_argument("--lab", type=Path, metavar="FILE", help="with the words that this lab file names")
    says = "show the classes of defects by which the judge is tried, by the rule that finds them"
    parser.add_argument("--catalogue", action="store_true", help=says)


def perform(args: argparse.Namespace) -> int:
    """Print the words."""
    from harness.lab.file import load_lab
    from harness.scenario.word_list import promise_table, table
    from harness.scenario.words import Words

    if args.catalogue:
        sys.stdout.write(shown_classes())
        return Exit.PASS
    words = Words(words_of(args, load_lab(args.lab) if args.lab else None))
    if args.word:
        sys.stdout.write(shown(words, args.word))
        return Exit.PASS
    good, wrong = words.everything()
    sys.stdout.write(f"{table(good)}\n{promise_table()}")
    sys.stdout.flush()
    sys.stderr.writelines(f"{text}\n" for text in wrong)
    return Exit.REFUSED if wrong else Exit.PASS


def shown_classes() -> str:
    """The catalogue: the classes of each rule, and what they plant."""
    from harness.catalogue.trial.classes import load
    from harness.catalogue.trial.classes import words as classes
    from harness.scenario.word_list import WIDTH

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


def shown(words: "Words", name: str) -> str:
    """All about the words of one name; UsageError where there is none."""
    from harness.scenario.promises import FORMS
    from harness.scenario.word_list import describe, describe_form

    if name in FORMS:
        return describe_form(name)
    roles: list[Role] = [role for role in ROLES if name in words.names(role)]
    if not roles:
        raise UsageError(
            f"there is no word {quote(name)}{advice(name, [*FORMS, *(it for role in ROLES for it in words.names(role))])}"
        )
    return "\n".join(describe(words.find(role, name)) for role in roles)
