"""What is wrong with the files people wrote: collected from all of them, then told in one pass.

A problem has a place (file, line, column), a cause in one sentence and, where a name was misspelt, the nearest known name.
Excerpts never show a secret: what stands after a key like `credentials` without being a reference is masked first.
"""

import difflib
import functools
import re
from collections.abc import Iterable

import msgspec

PROBLEMS_MAX = 40
"""More problems than this are only counted."""
EXCERPT_MAX = 120
"""The width of an excerpt; of a longer line the part around the column is shown."""
QUOTE_MAX = 60
NEAREST_RATIO = 0.65
"""Less alike, and the offer misleads: `move` is not meant by `move_held`."""
KNOWN_MAX = 16

SECRET_KEYS = ("credentials", "credential", "creds", "password", "passwd", "pwd", "secret", "token", "auth")
SECRET_RATIO = 0.8
MASK = "****"

_key_of_line = re.compile(r"""(?<![\w-])(?P<key>[\w-]++)["']?\s*:(?=\s|$)\s*""")
_reference = re.compile(r"""["']?(env|file):|\{?\s*(#|$)""")
_user_in_url = re.compile(r"(://)[^/@\s]+@")


class SourceFile(msgspec.Struct, frozen=True):
    """One file as it was named by the user, and its lines for excerpts."""

    name: str
    lines: tuple[str, ...] = ()


class SourceLocation(msgspec.Struct, frozen=True):
    """A location in a file: `line` and `column` count from 1, `width` is the number of characters to underline."""

    source: SourceFile
    line: int = 1
    column: int = 1
    width: int = 1

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong, as it is shown."""

    place: SourceLocation
    cause: str

    def __str__(self) -> str:
        return f"{self.place}: {self.cause}\n{excerpt(self.place)}".rstrip()


class BadFilesError(Exception):
    """Files that cannot be used as they are; the text is all problems of all files, ready to be shown."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        shown = [str(problem) for problem in self.problems[:PROBLEMS_MAX]]
        more = len(self.problems) - len(shown)
        return "\n".join([*shown, f"... and {more} more problems"] if more else shown)


class Problems:
    """Collects problems from several readers, to report them together."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, place: SourceLocation, cause: str, *, word: str = "", known: Iterable[str] = ()) -> None:
        """Remember a problem; with `word` and `known` the cause gets the nearest known word, or all of them."""
        self._found.append(Problem(place, cause + advice(word, known)))

    def __len__(self) -> int:
        return len(self._found)

    def raise_if_any(self) -> None:
        """Raise BadFilesError with everything found, file by file and from top to bottom."""
        if not self._found:
            return
        files = list(dict.fromkeys(problem.place.source.name for problem in self._found))
        raise BadFilesError(
            sorted(self._found, key=lambda it: (files.index(it.place.source.name), it.place.line, it.place.column))
        )


def location_within(place: SourceLocation, text: str, offset: int, width: int) -> SourceLocation:
    """The location of some characters of a value that was written at this place, on one line or over several.

    YAML drops quotes, escapes and line breaks, so its characters are found again one after the other.
    """
    lines = place.source.lines
    line, column = place.line - 1, place.column - 1
    if not 0 <= line < len(lines):
        return place
    if lines[line][column : column + 1] in ("|", ">"):
        line, column = line + 1, 0
    elif lines[line][column : column + 1] in ("'", '"'):
        column += 1
    found = (line, column)
    for wanted in (it for it in text[: offset + 1] if not it.isspace()):
        while line < len(lines) and lines[line][column : column + 1] != wanted:
            line, column = (line, column + 1) if column < len(lines[line]) else (line + 1, 0)
        if line >= len(lines):
            return place
        found, column = (line, column), column + 1
    past = offset >= len(text)
    return SourceLocation(place.source, found[0] + 1, found[1] + 1 + past, max(1, width))


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that `word` was probably meant to be; empty where none is like it."""
    by_fold = {candidate.casefold(): candidate for candidate in known}
    found = difflib.get_close_matches(word.casefold(), by_fold, 1, NEAREST_RATIO)
    return by_fold[found[0]] if found else ""


def advice(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown word: `; did you mean X?`, or what is known."""
    candidates = sorted(known)
    if not candidates:
        return ""
    if word and (meant := nearest(word, candidates)):
        return f'; did you mean "{meant}"?'
    shown = ", ".join(candidates[:KNOWN_MAX])
    return f"; known: {shown}, ..." if len(candidates) > KNOWN_MAX else f"; known: {shown}"


def quote(text: str) -> str:
    """Somebody's text on one line of limited length, safe to show on a terminal."""
    line = printable(text)
    return f'"{line[:QUOTE_MAX]}..."' if len(line) > QUOTE_MAX else f'"{line}"'


def printable(text: str) -> str:
    """The text with a visible mark for each character that a terminal would obey or hide."""
    return "".join("\u2192" if it == "\t" else it if it.isprintable() else "\ufffd" for it in text)


def excerpt(place: SourceLocation) -> str:
    """The line of a place with a caret under it; empty where the file could not be read."""
    lines = concealed(place.source.lines)
    if not 1 <= place.line <= len(lines):
        return ""
    start = max(0, place.column - EXCERPT_MAX // 2) if place.column > EXCERPT_MAX - QUOTE_MAX else 0
    text = printable(lines[place.line - 1][start : start + EXCERPT_MAX])
    column = place.column - 1 - start
    carets = "^" * max(1, min(place.width, len(text) - column))
    return f"{place.line:5} | {text.rstrip()}\n      | {' ' * column}{carets}\n"


@functools.lru_cache(maxsize=4)
def concealed(lines: tuple[str, ...]) -> list[str]:
    """The lines with every inline secret masked: after a secret's key, and deeper lines below such a key."""
    shown: list[str] = []
    depth: int | None = None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if depth is not None and (indent > depth or not line.strip()):
            shown.append(" " * indent + MASK)
            continue
        masked, secret = _conceal_line(line)
        depth = indent if secret else None
        shown.append(conceal_url(masked))
    return shown


def conceal_url(text: str) -> str:
    """The text with user and password in URLs masked."""
    return _user_in_url.sub(rf"\1{MASK}@", text)


def _conceal_line(line: str) -> tuple[str, bool]:
    for match in _key_of_line.finditer(line):
        if not is_secret(match["key"]):
            continue
        inline = not _reference.match(line, match.end())
        if inline or match.end() >= len(line.rstrip()):
            return (line[: match.end()] + MASK if inline else line), True
    return line, False


@functools.lru_cache(maxsize=1024)
def is_secret(key: str) -> bool:
    """Is this key, or the key it probably misspells, one for secrets?"""
    return bool(difflib.get_close_matches(key.casefold(), SECRET_KEYS, 1, SECRET_RATIO))
