"""Values of a YAML tree bound to Python's types: by the fields of a struct, or by the arguments of a word.

The annotation decides what a scalar means; a value that does not fit becomes a problem at its location, and reading continues.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from harness.files.durations import Duration, HostName, parse_duration
from harness.files.problems import Problems, quote
from harness.files.yaml_tree import Items, Scalar, Table, Value

WRONG: Any = object()
"""Returned for a value that was wrong; its problem has been added."""

_integer = re.compile(r"[+-]?[0-9]{1,15}")
_decimal = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")

_BOOLEANS = {"true": True, "false": False}
_PHRASES: Mapping[Any, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}


class Field(msgspec.Struct, frozen=True):
    """One key a table may have: its name in YAML, its name in Python, its type."""

    name: str
    key: str
    kind: Any
    required: bool


def fields_of(struct: type[msgspec.Struct]) -> tuple[Field, ...]:
    """The keys a table may have that is to become this struct."""
    return tuple(Field(it.encode_name, it.name, it.type, it.required) for it in msgspec.structs.fields(struct))


def bindable(kind: Any) -> bool:
    """Can a value of a scenario become this type?"""
    if get_origin(kind) in (Union, UnionType, list, tuple):
        return all(bindable(it) for it in get_args(kind) if it not in (NoneType, Ellipsis))
    return get_origin(kind) is Literal or kind in (Duration, HostName, *_PHRASES)


def phrase(kind: Any) -> str:
    """The type in words: `a whole number`, `source or target`; an annotated type brings its own."""
    if hasattr(kind, "__metadata__"):
        return str(kind.__metadata__[0])
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return f"a table with the keys {', '.join(field.name for field in fields_of(kind))}"
    if get_origin(kind) is Literal:
        return " or ".join(str(it) for it in get_args(kind))
    if get_origin(kind) in (Union, UnionType):
        return " or ".join(phrase(it) for it in get_args(kind) if it is not NoneType)
    if get_origin(kind) in (list, tuple):
        return f"a list, each {phrase(get_args(kind)[0])}"
    return _PHRASES.get(kind, getattr(kind, "__name__", str(kind)))


class Binder:
    """Binds values to types; `readers` are further types, each with the function that reads a value of it (or gives WRONG)."""

    def __init__(self, problems: Problems, readers: Mapping[Any, Callable[[Value], Any]] | None = None) -> None:
        self.problems = problems
        self._readers = {Duration: self._duration, HostName: self._text, str: self._text, int: self._int}
        self._readers |= {float: self._float, bool: self._bool, **(readers or {})}

    def value(self, value: Value, kind: Any) -> Any:
        """The Python value, or WRONG."""
        if kind in self._readers:
            return self._readers[kind](value)
        origin, parts = get_origin(kind), get_args(kind)
        if origin in (Union, UnionType):
            return self.value(value, next(it for it in parts if it is not NoneType))
        if origin is Literal:
            return self.choice(value, parts)
        if origin in (list, tuple):
            return self._items(value, origin, parts[0])
        if origin is dict:
            return self._names(value, parts[1])
        return self.struct(value, kind)

    def struct(self, value: Value, struct: type[msgspec.Struct], what: str = "") -> Any:
        """A table as a struct, or WRONG."""
        fields = fields_of(struct)
        what = what or f"`{struct.__name__.removesuffix('Access').lower()}`"
        if not isinstance(value, Table):
            return self.wrong(value, f"{what} must be {phrase(struct)}")
        bound = self.table(value, fields, what)
        return WRONG if bound is WRONG else struct(**bound)

    def table(self, table: Table, fields: Iterable[Field], what: str) -> Any:
        """The values of a table by their names in Python, only those given; WRONG where any of them is."""
        by_name = {field.name: field for field in fields}
        before = len(self.problems)
        bound = {}
        for name, value in table.values.items():
            if name not in by_name:
                self.problems.add(table.keys[name], f"{quote(name)} is not a key of {what}", word=name, known=by_name)
            else:
                bound[by_name[name].key] = self.value(value, by_name[name].kind)
        for field in by_name.values():
            if field.required and field.name not in table.values:
                self.problems.add(table.place, f"{what} needs `{field.name}`: {phrase(field.kind)}")
        return WRONG if len(self.problems) > before or WRONG in bound.values() else bound

    def wrong(self, value: Value, cause: str, **hint: Any) -> Any:
        """WRONG, after adding the problem at this value."""
        self.problems.add(value.place, cause, **hint)
        return WRONG

    def scalar(self, value: Value, expected: str) -> str | None:
        """The text of a scalar; None, after adding the problem, where it is a list, a table or nothing."""
        if isinstance(value, Scalar) and not value.is_null:
            return value.text
        found = "nothing" if isinstance(value, Scalar) else "a list" if isinstance(value, Items) else "a table"
        self.wrong(value, f"this must be {expected}, and {found} stands here")
        return None

    def choice(self, value: Value, known: tuple[Any, ...]) -> Any:
        """The one of these that a scalar names, or WRONG."""
        expected = " or ".join(str(it) for it in known)
        text = self.scalar(value, expected)
        if text is None:
            return WRONG
        by_text = {str(it): it for it in known}
        return (
            by_text[text] if text in by_text else self.wrong(value, f"{quote(text)} is not {expected}", word=text, known=by_text)
        )

    def _text(self, value: Value) -> Any:
        text = self.scalar(value, "a text")
        return WRONG if text is None else text

    def _number(self, value: Value, pattern: re.Pattern[str], kind: type[int] | type[float]) -> Any:
        text = self.scalar(value, phrase(kind))
        if text is None:
            return WRONG
        if isinstance(value, Scalar) and value.plain and pattern.fullmatch(text) and math.isfinite(float(text)):
            return kind(text)
        return self.wrong(value, f"{quote(text)} is not {phrase(kind)}")

    def _int(self, value: Value) -> Any:
        return self._number(value, _integer, int)

    def _float(self, value: Value) -> Any:
        return self._number(value, _decimal, float)

    def _bool(self, value: Value) -> Any:
        text = self.scalar(value, phrase(bool))
        if text is None or text in _BOOLEANS:
            return WRONG if text is None else _BOOLEANS[text]
        return self.wrong(value, f"{quote(text)} is neither true nor false")

    def _duration(self, value: Value) -> Any:
        text = self.scalar(value, phrase(Duration))
        if text is None:
            return WRONG
        try:
            return parse_duration(text)
        except ValueError as error:
            return self.wrong(value, f"{quote(text)} is no duration: {error}")

    def _items(self, value: Value, origin: type, kind: Any) -> Any:
        if not isinstance(value, Items):
            return self.wrong(value, f"this must be a list, each {phrase(kind)}")
        bound = [self.value(it, kind) for it in value.values]
        return WRONG if WRONG in bound else origin(bound)

    def _names(self, value: Value, kind: Any) -> Any:
        if not isinstance(value, Table):
            return self.wrong(value, f"this must be a table of names, each with {phrase(kind)}")
        bound = {name: self.value(it, kind) for name, it in value.values.items()}
        return WRONG if WRONG in bound.values() else bound
