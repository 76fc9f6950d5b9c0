"""harness words: every step, fault and check with its arguments and its promise."""

import argparse
import sys

from harness.cli.arguments import Help, Subparsers, add_command
from harness.errors import UsageError
from harness.files.problems import advice, quote
from harness.scenario.word_list import describe, table
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
""",
)


def add(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(commands, "words", perform, HELP)
    parser.add_argument("word", nargs="?", metavar="WORD", help="show this word in full")


def perform(args: argparse.Namespace) -> int:
    """Print the words."""
    sys.stdout.write(shown(Words(), args.word))
    return 0


def shown(words: Words, name: str | None) -> str:
    """The table of all words, or all about the words of one name; UsageError where there is none."""
    if name is None:
        return table(words.everything())
    roles: list[Role] = [role for role in ROLES if name in words.names(role)]
    if not roles:
        raise UsageError(f"there is no word {quote(name)}{advice(name, [it for role in ROLES for it in words.names(role)])}")
    return "\n".join(describe(words.find(role, name)) for role in roles)
