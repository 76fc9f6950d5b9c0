"""The command line: `harness COMMAND`, also `python -m harness COMMAND`.

Results go to stdout, everything else to stderr. Whatever happens ends in one of the exit codes, and never in a traceback.
"""

import argparse
import logging
import os
import re
import signal
import sys
import traceback
from asyncio import CancelledError
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from bmc.masking.text import masked
from bmc.plugins import Modules
from harness.cli import commands
from harness.cli.arguments import add_verbose
from harness.cli.streams import secure_streams
from harness.errors import UsageError
from harness.exits import MEANINGS, Exit, exit_of_error, explain
from harness.files.problems import advice, printable, quote

COMMANDS = Modules(commands)
"""Each file is a command of its name."""
BUG_FILE = "bug.txt"
VERSION = "--version"
PRIVATE = 0o077
"""What others than the user may do with the files that we and our children make: nothing. They tell of other people's labs."""

DESCRIPTION = """
Prove, host by host, that a Metal3 pivot reprovisioned nothing.

A lab is written down in a lab file, a story in a scenario. A run does the story to the lab, watches everything meanwhile,
writes one journal, and judges from it: pass, fail, or unknown, each with the entries that prove it.
"""
EXAMPLES = """
examples:
  harness run                                  a whole pivot on the embedded lab, in seconds
  harness doctor --lab ci.yaml                 is that lab fit to pivot? changes nothing
  harness run pivot_status_lost --lab ci.yaml  a scenario on a lab of yours
  harness watch --lab ci.yaml --for 30m        be the witness of somebody else's pivot
  harness judge runs/DIR                       judge a recorded run again
  harness verify runs/DIR/certificate.json     is this proof whole, of this journal, and signed by whom?
  harness words                                what scenarios can say
  harness COMMAND --help                       more about a command
"""


class _CommandLineParser(argparse.ArgumentParser):
    """An ArgumentParser that raises UsageError instead of exiting, and suggests the nearest command."""

    def error(self, message: str) -> NoReturn:
        found = re.search(r"invalid choice: '(?P<word>.*)' \(choose from (?P<known>.*)\)", message)
        if found:
            known = re.findall(r"[\w-]+", found["known"])
            message = f"there is no command {quote(found['word'])}{advice(found['word'], known)}"
        raise UsageError(f"{self.prog}: {message}\n(see {self.prog} --help)")


class _ShowVersion(argparse.Action):
    """`--version`."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from harness.cli.version import version

        sys.stdout.write(f"{version()}\n")
        parser.exit()


def parser(wanted: str = "") -> argparse.ArgumentParser:
    """The parser of the command line: of the wanted command, or of all of them where there is none of that name."""
    codes = "\n".join(f"  {code.value:<4} {meaning}" for code, meaning in MEANINGS.items())
    top = _CommandLineParser(
        prog="harness",
        description=DESCRIPTION,
        epilog=f"{EXAMPLES}\nexit codes:\n{codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_verbose(top, default=0)
    top.add_argument(VERSION, action=_ShowVersion, nargs=0, help="tell version and commit")
    top.set_defaults(perform=lambda _: show_help(top), parser=top, directory=None)
    subparsers = top.add_subparsers(metavar="COMMAND", dest="command")
    # `--version` is answered before any command is looked at, so none has to be imported for it.
    chosen = [] if wanted == VERSION else [COMMANDS[wanted]] if wanted in COMMANDS else COMMANDS.values()
    for command in chosen:
        command.add(subparsers)
    return top


def show_help(top: argparse.ArgumentParser) -> Exit:
    """What `harness` alone does."""
    sys.stdout.write(top.format_help())
    return Exit.PASS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    secure_streams()
    os.umask(PRIVATE)
    end_as_by_ctrl_c()
    try:
        args = parse(arguments)
    except Exception as error:  # noqa: BLE001 (a command that cannot be imported ends in an exit code too)
        return refuse(error, exit_of_error(error), None)
    logging.basicConfig(level=log_level(args.verbose), format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    return dispatch(args)


def end_as_by_ctrl_c() -> None:
    """From the first line to the last SIGTERM and SIGHUP end us as Ctrl-C does, where nobody asked for something else (as nohup does)."""

    def interrupt(_: int, frame: FrameType | None) -> None:
        handler = signal.getsignal(signal.SIGINT)
        (handler if callable(handler) else signal.default_int_handler)(signal.SIGINT, frame)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, interrupt)


def dispatch(args: argparse.Namespace) -> int:
    """Run the parsed command; returns the exit code, also for any exception."""
    try:
        code = Exit(args.perform(args))
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt, CancelledError, BaseExceptionGroup) as error:  # noqa: BLE001 (all of them end in an exit code)
        return refuse(error, exit_of_error(error), args.directory)
    return code


def refuse(error: BaseException, code: Exit, directory: Path | None) -> Exit:
    """Print the error; returns the exit code."""
    sys.stderr.write(error_text(error, code, directory))
    return code


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the arguments. Raises UsageError."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    args, rest = parser(next((it for it in given if it == VERSION or not it.startswith("-")), "")).parse_known_args(given)
    if rest:
        known = [option for action in args.parser._actions for option in action.option_strings]  # noqa: SLF001 (no public list)
        hint = advice(rest[0], known) if rest[0].startswith("-") else ""
        raise UsageError(f"{args.parser.prog}: {quote(rest[0])} is too much here{hint}\n(see {args.parser.prog} --help)")
    return args


def log_level(verbose: int) -> int:
    """The level of the log for a number of `-v`."""
    return (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]


def error_text(error: BaseException, code: Exit, directory: Path | None) -> str:
    """The text shown for an error; for a bug also where its traceback was written."""
    if code is Exit.INTERRUPTED:
        return "interrupted\n"
    if code is not Exit.BUG:
        return f"{shown(explain(error))}\n"
    place = write_bug(error, directory)
    return (
        f"This is a bug of the harness, not of your lab: {shown(f'{type(error).__name__}: {explain(error)}')}\n"
        f"Its traceback is in {place}. Please report it to the project's issue tracker with that file,\n"
        f"with what you ran, and with journal.jsonl beside it if there is one (neither holds secrets).\n"
    )


def shown(text: str) -> str:
    """A text that others had a part in, as a terminal may have it: without secrets, and without what a terminal would obey."""
    return "\n".join(map(printable, masked(text).split("\n")))


def write_bug(error: BaseException, directory: Path | None) -> Path:
    """Write the traceback to the run directory, or to a temporary file where there is no such directory."""
    text = shown("".join(traceback.format_exception(error)))
    if directory is not None and directory.is_dir() and os.access(directory, os.W_OK):
        place = directory / BUG_FILE
        place.write_text(text, encoding="utf-8", errors="backslashreplace")
        return place
    import tempfile

    descriptor, name = tempfile.mkstemp(prefix="harness-", suffix=f"-{BUG_FILE}")
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return Path(name)
