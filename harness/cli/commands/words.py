"""harness words: every step, fault and check with its arguments and its promise."""

import argparse
import sys
from pathlib import Path

from harness.cli.arguments import Help, Subparsers, add_command, add_words, words_of
from harness.errors import UsageError
from harness.exits import Exit
from harness.files.problems import advice, quote
from harness.files.words import ENTRY_POINTS, ROLES, Role
from harness.lab.file import load_lab
from harness.scenario.word_list import describe, table
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
""",
)


def add(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(commands, "words", perform, HELP)
    parser.add_argument("word", nargs="?", metavar="WORD", help="show this word in full")
    add_words(parser)
    parser.add_argument("--lab", type=Path, metavar="FILE", help="with the words that this lab file names")


def perform(args: argparse.Namespace) -> int:
    """Print the words."""
    words = Words(words_of(args, load_lab(args.lab) if args.lab else None))
    if args.word:
        sys.stdout.write(shown(words, args.word))
        return Exit.PASS
    good, wrong = words.everything()
    sys.stdout.write(table(good))
    sys.stdout.flush()
    sys.stderr.writelines(f"{text}\n" for text in wrong)
    return Exit.REFUSED if wrong else Exit.PASS


def shown(words: Words, name: str) -> str:
    """All about the words of one name; UsageError where there is none."""
    roles: list[Role] = [role for role in ROLES if name in words.names(role)]
    if not roles:
        raise UsageError(f"there is no word {quote(name)}{advice(name, [it for role in ROLES for it in words.names(role)])}")
    return "\n".join(describe(words.find(role, name)) for role in roles)
