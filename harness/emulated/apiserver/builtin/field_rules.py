"""What is refused in the fields of built-in kinds: a walk over an object by its type, with the rules of each struct in their order.

A rule is a function of a field's value (None where it is not given), its path, and the structs around it, the innermost last.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from harness.emulated.apiserver.kinds.errors import Json, invalid_value, required, unsupported

Around = tuple[Json, ...]
FieldRule = Callable[[Any, str, Around], Iterator[Json]]
Rules = dict[str, dict[str, FieldRule]]
"""By the name of a struct and of a field; the order is that in which causes are told."""


def field_causes(rules: Rules, schema: Json, value: Any, path: str, around: Around = ()) -> Iterator[Json]:
    """Every cause for which the fields of a value are refused."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from field_causes(rules, schema.get("items") or {}, item, f"{path}[{index}]", around)
    elif isinstance(value, dict) and "properties" in schema:
        yield from _struct_causes(rules, schema, value, path, around)


def _struct_causes(rules: Rules, schema: Json, value: Json, path: str, around: Around) -> Iterator[Json]:
    own, within = rules.get(schema.get("struct", ""), {}), (*around, value)
    for name in (*own, *(name for name in value if name not in own)):
        where, member = f"{path}.{name}" if path else name, schema["properties"].get(name) or {}
        if name in own:
            yield from own[name](value.get(name), where, within)
        elif value[name] and "enum" in member and value[name] not in member["enum"]:
            yield unsupported(where, value[name], member["enum"])
        if name in value:
            yield from field_causes(rules, member, value[name], where, within)


def needed(value: Any, path: str, _: Around) -> Iterator[Json]:
    """It must be given."""
    if not value:
        yield required(path)


def one_of(*known: str) -> FieldRule:
    """It must be one of these, where it is given."""

    def rule(value: Any, path: str, _: Around) -> Iterator[Json]:
        if value and value not in known:
            yield unsupported(path, value, [*known])

    return rule


def at_least(least: int) -> FieldRule:
    """A number that must not be smaller."""

    def rule(value: Any, path: str, _: Around) -> Iterator[Json]:
        if isinstance(value, int) and value < least:
            yield invalid_value(
                path, value, f"must be greater than or equal to {least}" if least < 1 else f"must be greater than {least - 1}"
            )

    return rule


def between(low: int, high: int) -> FieldRule:
    """A number that must be in a range."""

    def rule(value: Any, path: str, _: Around) -> Iterator[Json]:
        if isinstance(value, int) and not low <= value <= high:
            yield invalid_value(path, value, f"must be between {low} and {high}, inclusive")

    return rule


def shaped(problems: Callable[[str], Sequence[str]]) -> FieldRule:
    """A text that must be of a shape, where it is given."""

    def rule(value: Any, path: str, _: Around) -> Iterator[Json]:
        if isinstance(value, str) and value:
            yield from (invalid_value(path, value, why) for why in problems(value))

    return rule


def each_of(*rules: FieldRule) -> FieldRule:
    """Several rules, one after the other."""
    return lambda value, path, around: (each for rule in rules for each in rule(value, path, around))


def needed_and(inner: FieldRule) -> FieldRule:
    """It must be given, and then keep a rule."""
    return lambda value, path, around: inner(value, path, around) if value else needed(value, path, around)
