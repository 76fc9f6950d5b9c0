"""What is wrong with a Python file that a user wrote: the line, and the cause in one sentence."""

import re
import traceback
from pathlib import Path

_missing_name = re.compile(r"cannot import name '(?P<name>.+?)' from (partially initialized module )?'(?P<module>.+?)'")


def explain_author_error(error: BaseException, file: Path) -> str:
    """`file:line: cause` of an exception that came out of this file when it was imported or called."""
    return f"{place_of(error, file)}: {cause_of(error)}"


def place_of(error: BaseException, file: Path) -> str:
    """`file:line` of the last call in this file before the exception; of a syntax error where it is, in whatever file."""
    if isinstance(error, SyntaxError) and error.filename:
        name = str(file) if _is_same(error.filename, file) else error.filename
        return f"{name}:{error.lineno or 1}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if _is_same(frame.filename, file)]
    return f"{file}:{(lines and lines[-1]) or 1}"


def cause_of(error: BaseException) -> str:
    """The cause in one sentence, with the name that is missing where it is one."""
    if isinstance(error, SyntaxError):
        return f"this is not Python: {error.msg}"
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"there is no module `{error.name}` to import"
    if isinstance(error, ImportError) and (found := _missing_name.search(str(error))):
        return f"there is no `{found['name']}` in {found['module']} to import"
    if isinstance(error, NameError) and error.name:
        return f"there is no name `{error.name}`"
    text = " ".join(str(error).split())
    return f"it crashed: {type(error).__name__}{f': {text}' if text else ''}"


def _is_same(name: str, file: Path) -> bool:
    return Path(name).resolve() == file.resolve()
