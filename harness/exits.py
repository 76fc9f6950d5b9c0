"""How a command can end: the exit codes, and the exceptions that say whose fault it was."""

import errno
from asyncio import CancelledError
from enum import IntEnum
from typing import Literal

from bmc.plugins import PluginError
from harness.errors import (
    BadWordError,
    HeldError,
    JournalBrokenError,
    JournalError,
    LabBrokeError,
    UndoError,
    UnwrittenVerdictError,
    UsageError,
)
from harness.files.problems import BadFilesError


class Exit(IntEnum):
    """The exit codes of every command."""

    PASS = 0
    FAIL = 1
    REFUSED = 2
    UNKNOWN = 3
    LAB_BROKE = 4
    BUG = 5
    INTERRUPTED = 130


MEANINGS = {
    Exit.PASS: "pass",
    Exit.FAIL: "fail: the system under test broke a promise",
    Exit.REFUSED: "bad file or usage; nothing was switched on",
    Exit.UNKNOWN: "unknown: could not see enough to judge, or something is left",
    Exit.LAB_BROKE: "the lab broke, or somebody else holds it",
    Exit.BUG: "a bug of the harness",
    Exit.INTERRUPTED: "interrupted",
}

VERDICTS = {"pass": Exit.PASS, "fail": Exit.FAIL, "unknown": Exit.UNKNOWN}

CURES = {
    errno.ENOSPC: "free the disk and run again",
    errno.EDQUOT: "free some of your quota and run again",
    errno.EACCES: "choose another place, or ask for the permission",
    errno.EPERM: "choose another place, or ask for the permission",
    errno.EROFS: "choose a place that can be written",
    errno.EPIPE: "nobody reads the output any more",
    errno.EFBIG: "raise the limit of a file's size (ulimit -f) and run again",
    errno.EMFILE: "raise the limit of open files (ulimit -n) and run again",
    errno.ENFILE: "close other programs, for the whole machine has too many open files, and run again",
}
"""What the user can do about an error of the operating system; any other such error is ours."""
WITHOUT_PLACE = (errno.EPIPE, errno.EMFILE, errno.ENFILE)


EXITS: tuple[tuple[tuple[type[BaseException], ...], Exit], ...] = (
    ((KeyboardInterrupt, CancelledError), Exit.INTERRUPTED),
    ((LabBrokeError, HeldError), Exit.LAB_BROKE),
    ((UndoError, JournalBrokenError, MemoryError), Exit.UNKNOWN),
    ((BadFilesError, BadWordError, PluginError, UsageError, JournalError), Exit.REFUSED),
)
"""How a command ends by an exception, the first that fits."""


def exit_of_verdict(verdict: Literal["pass", "fail", "unknown"]) -> Exit:
    """The exit code of a verdict."""
    return VERDICTS[verdict]


def exit_of_error(error: BaseException) -> Exit:
    """The exit code of an exception; for a group that of its worst member, a bug being worst."""
    if isinstance(error, BaseExceptionGroup):
        codes = {exit_of_error(it) for it in error.exceptions}
        return next(code for code in (Exit.BUG, Exit.LAB_BROKE, Exit.REFUSED, Exit.UNKNOWN, Exit.INTERRUPTED) if code in codes)
    if isinstance(error, UnwrittenVerdictError):
        # A pass that nobody can read afterwards is none.
        return Exit.FAIL if error.verdict == "fail" else Exit.UNKNOWN
    known = next((code for kinds, code in EXITS if isinstance(error, kinds)), None)
    return known or (Exit.REFUSED if _curable(error) else Exit.BUG)


def explain(error: BaseException) -> str:
    """The message for the user; for a group the distinct messages of its members."""
    if isinstance(error, BaseExceptionGroup):
        return "\n".join(dict.fromkeys(explain(it) for it in error.exceptions))
    if isinstance(error, OSError) and _curable(error):
        return f"{error.filename or 'output'}: {error.strerror}; {CURES[error.errno or 0]}"
    if isinstance(error, MemoryError):
        return "there is not enough memory for that; free some, or raise the limit (ulimit -v), and run again"
    return str(error) or type(error).__name__


def _curable(error: BaseException) -> bool:
    # A place that may not be written is the user's; a socket that was refused is not, and has no file name.
    return isinstance(error, OSError) and error.errno in CURES and (error.filename is not None or error.errno in WITHOUT_PLACE)
