"""What several commands' arguments have in common."""

import argparse
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from harness.errors import UsageError
from harness.files.durations import parse_duration
from harness.files.problems import advice, quote
from harness.files.shipped import (
    LAB,
    LABS,
    SCENARIOS,
    default_lab,
    find_lab,
    find_scenario,
    is_bare_name,
    lab_names,
    scenario_names,
)

if TYPE_CHECKING:
    from harness.files.words import WordFiles
    from harness.lab.model import AnyLab
    from harness.report.certificate.envelope import Signer

Subparsers = Any  # argparse has no public name for it


class Help(msgspec.Struct, frozen=True):
    """A command's help: what it does in half a sentence, more about it, and examples to learn from."""

    says: str
    more: str
    examples: str


def add_command(
    commands: Subparsers, name: str, perform: Callable[[argparse.Namespace], int], about: Help
) -> argparse.ArgumentParser:
    """Add a subcommand with this help; `perform` executes it."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=about.says,
        description=f"{about.says}\n\n{about.more.strip()}",
        epilog="examples:\n" + textwrap.indent(about.examples.strip(), "  "),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_verbose(parser, default=argparse.SUPPRESS)
    parser.set_defaults(perform=perform, parser=parser, directory=None)
    return parser


def add_verbose(parser: argparse.ArgumentParser, default: Any) -> None:
    """`-v`, before and after the command's name."""
    parser.add_argument("-v", "--verbose", action="count", default=default, help="tell more on stderr (-vv: still more)")


def add_lab(parser: argparse.ArgumentParser) -> None:
    """`--lab FILE`."""
    says = (
        f"a lab file, or the name of one in ./{LABS}/ or of the harness's own (default: ./{LAB}, else the harness's embedded lab)"
    )
    parser.add_argument("--lab", type=_lab_file, default=default_lab(), metavar="FILE", help=says)


def _lab_file(text: str) -> Path:
    """The type of `--lab`: a path, or the bare name of a lab file that is found."""
    given = Path(text)
    if not is_bare_name(given):
        return given
    found = find_lab(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"there is no lab {quote(text)}{advice(text, lab_names())}")
    return found


def add_scenario(parser: argparse.ArgumentParser, default: str, which: str = "a scenario file") -> None:
    """`SCENARIO`."""
    says = f"{which}, or the name of one in ./{SCENARIOS}/ or of the harness's own (default: {default})"
    parser.add_argument("scenario", nargs="?", type=Path, default=Path(default), metavar="SCENARIO", help=says)


def scenario_file(given: Path) -> Path:
    """The file that is meant: a path, or the bare name of a scenario. UsageError for a name that none has."""
    if not is_bare_name(given):
        return given
    found = find_scenario(given.name)
    if found is None:
        raise UsageError(f"there is no scenario {quote(given.name)}{advice(given.name, scenario_names())}")
    return found


def add_out(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    """`--out DIR`."""
    says = "the run directory to make" + ("" if required else " (default: runs/<UTC time>-<scenario>/)")
    parser.add_argument("--out", type=Path, metavar="DIR", required=required, help=says)


def add_words(parser: argparse.ArgumentParser) -> None:
    """`--words DIR`."""
    says = "a directory with steps/, faults/ and checks/ of your own (may be given more than once)"
    parser.add_argument("--words", type=Path, action="append", default=[], metavar="DIR", help=says)


def add_sign_key(parser: argparse.ArgumentParser) -> None:
    """`--sign-key FILE`."""
    says = "sign certificate.json with this private key: a PEM file (Ed25519, ECDSA), or env:NAME of a variable that holds one"
    parser.add_argument("--sign-key", metavar="FILE", dest="sign_key", help=says)


def signer_of(args: argparse.Namespace) -> "Signer | None":
    """Who signs, read before anything is done; None where nobody was asked to."""
    from harness.report.certificate.envelope import read_signer

    return read_signer(args.sign_key) if args.sign_key else None


def words_of(args: argparse.Namespace, lab: "AnyLab | None" = None) -> "WordFiles":
    """All words: the harness' own, installed ones, those of `--words`, and those that a lab file names; BMC families of both too."""
    from bmc.witness import FAMILIES
    from harness.files.words import WordFiles

    words = WordFiles([*args.words, *([lab.words] if lab and lab.words else [])])
    for folder in words.families():
        FAMILIES.add_directory(str(folder))
    return words


def add_directory(parser: argparse.ArgumentParser, says: str) -> None:
    """`DIR`."""
    parser.add_argument("directory", type=Path, metavar="DIR", help=says)


def duration(text: str) -> float:
    """The type of an option that is a duration."""
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if seconds == 0:
        raise argparse.ArgumentTypeError("a duration must be longer than nothing")
    return seconds


def natural(text: str) -> int:
    """The type of an option that counts something."""
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)
