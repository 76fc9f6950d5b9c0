"""The types that a condition deals with, and the functions that there are.

A type is one of the words below, a `Struct` with known members, or a `ListOf` them. `ANY` is known only when it is seen.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

ANY, BOOL, TEXT, NULL, BYTES, MAP, TYPE = "any", "true or false", "a text", "null", "bytes", "a table", "a type"
INT, UINT, DOUBLE, NUMBER = "a whole number", "an unsigned number", "a number with a point", "a number"
DURATION, TIME = "a duration", "a time"
NUMBERS = frozenset({INT, UINT, DOUBLE, NUMBER})
ORDERED = frozenset({*NUMBERS, TEXT, BOOL, BYTES, DURATION, TIME})


class Struct(NamedTuple):
    """A table whose members are known. `open`: it may have others of which nothing is known."""

    name: str
    members: Mapping[str, Any]
    open: bool = False


class ListOf(NamedTuple):
    """A list, and the type of its items."""

    item: Any


ValueType = str | Struct | ListOf


def phrase(kind: ValueType) -> str:
    """The type in words."""
    if isinstance(kind, ListOf):
        return "a list"
    return "a table" if isinstance(kind, Struct) else kind


def flat(kind: ValueType) -> str:
    """The type without what is known of its parts; lists and tables are alike where only their items count."""
    return kind if isinstance(kind, str) else MAP


class Function(NamedTuple):
    """A function of the library: what it takes, each of these or whatever, and what it gives."""

    takes: tuple[frozenset[str] | None, ...]
    gives: str


_TEXTS, _TIMES, _ANYTHING = frozenset({TEXT}), frozenset({TIME, DURATION}), None
_PLAIN = frozenset({*NUMBERS, TEXT, BYTES})
FUNCTIONS = {
    "size": Function((frozenset({TEXT, BYTES, MAP}),), INT),
    "string": Function((_ANYTHING,), TEXT),
    "int": Function((frozenset({*_PLAIN, TIME}),), INT),
    "uint": Function((_PLAIN,), UINT),
    "double": Function((_PLAIN,), DOUBLE),
    "bytes": Function((_TEXTS,), BYTES),
    "timestamp": Function((_TEXTS,), TIME),
    "duration": Function((_TEXTS,), DURATION),
    "type": Function((_ANYTHING,), TYPE),
    "dyn": Function((_ANYTHING,), ANY),
}
"""What is written before its argument."""
METHODS = {
    "size": FUNCTIONS["size"],
    **dict.fromkeys(("startsWith", "endsWith", "matches"), Function((_TEXTS, _TEXTS), BOOL)),
    "contains": Function((frozenset({TEXT, MAP}), _ANYTHING), BOOL),
    **dict.fromkeys(
        (
            *("getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"),
            *("getHours", "getMinutes", "getSeconds", "getMilliseconds"),
        ),
        Function((_TIMES,), INT),
    ),
}
"""What is asked of a value; that is its first argument."""
TYPE_NAMES = frozenset({"int", "uint", "double", "string", "bytes", "bool", "list", "map", "null_type"})
"""What `type(…)` may be compared with."""
