"""What an expression of the Common Expression Language is made of: each node is a function of the variables in scope."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from harness.emulated.apiserver.custom.cel_library import METHODS, divided, equal, rest
from harness.emulated.apiserver.custom.cel_types import Optional

Scope = dict[str, Any]
Node = Callable[[Scope], Any]


class CelError(ValueError):
    """An expression that cannot be read or evaluated here."""


ERRORS = (CelError, TypeError, AttributeError, KeyError, IndexError, ValueError, ZeroDivisionError, re.error)
"""What evaluation of an expression may raise."""
OF_TWO = frozenset({"all", "exists", "exists_one", "existsOne", "transformList"})
"""Macros that may have two variables."""
MACROS = frozenset({"filter", "map"}) | OF_TWO


def constant(value: Any) -> Node:
    """The same value always."""
    return lambda _: value


def variable(scope: Scope, name: str) -> Any:
    """What a name stands for; raises CelError."""
    if name not in scope:
        raise CelError(f"undeclared reference to '{name}'")
    return scope[name]


def true(value: Any) -> bool:
    """A truth; raises CelError for what is none."""
    if not isinstance(value, bool):
        raise CelError("no such overload")
    return value


def operation(sign: str, left: Node, right: Node) -> Node:
    """Two operands and a sign between them."""
    if sign in {"&&", "||"}:
        return _junction(left, right, decisive=sign == "||")
    return lambda scope: _BINARY[sign](left(scope), right(scope))


def _junction(left: Node, right: Node, *, decisive: bool) -> Node:
    """`&&` and `||`: where one side decides, it does not matter that the other cannot be evaluated."""

    def run(scope: Scope) -> bool:
        try:
            one = true(left(scope))
        except ERRORS:
            if true(right(scope)) is decisive:
                return decisive
            raise
        return one if one is decisive else true(right(scope))

    return run


_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "==": equal,
    "!=": lambda a, b: not equal(a, b),
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "in": lambda a, b: a in b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": divided,
    "%": rest,
}


def member(node: Node, name: str) -> Node:
    """`a.b`; raises CelError where it is not there."""

    def read(scope: Scope) -> Any:
        value = node(scope)
        if isinstance(value, Optional):
            return Optional(value.held[name], there=True) if value.there and name in value.held else Optional()
        if not isinstance(value, dict) or name not in value:
            raise CelError(f"no such key: {name}")
        return value[name]

    return read


def index(node: Node, key: Node) -> Node:
    """`a[b]`; raises CelError where it is not there."""

    def read(scope: Scope) -> Any:
        value, at = node(scope), key(scope)
        if isinstance(value, list) and not 0 <= at < len(value):
            raise CelError(f"index out of bounds: {at}")
        if isinstance(value, dict) and at not in value:
            raise CelError(f"no such key: {at}")
        return value[at]

    return read


def maybe(node: Node, key: Node) -> Node:
    """`a.?b` and `a[?b]`: what is there, if it is there."""

    def read(scope: Scope) -> Optional:
        value, at = node(scope), key(scope)
        if isinstance(value, Optional):
            if not value.there:
                return value
            value = value.held
        there = 0 <= at < len(value) if isinstance(value, list) else at in value
        return Optional(value[at], there=True) if there else Optional()

    return read


def present(argument: Node, scope: Scope) -> bool:
    """`has(a.b)`."""
    try:
        found = argument(scope)
    except CelError:
        return False
    return found.there if isinstance(found, Optional) else True


def method(name: str, node: Node, arguments: list[Node]) -> Node:
    """`a.name(...)`; raises CelError for a name that is not known."""
    if name not in METHODS:
        raise CelError(f"undeclared reference to '{name}'")
    return lambda scope: METHODS[name](node(scope), *(argument(scope) for argument in arguments))


def macro(name: str, node: Node, variables: list[str], arguments: list[Node]) -> Node:
    """`a.name(variable, ...)`: an expression for each item of a list or key of a map."""
    body, test = arguments[-1], arguments[0] if len(arguments) > 1 else None

    def run(scope: Scope) -> Any:
        items = node(scope)
        scopes = [{**scope, **dict(zip(variables, each, strict=True))} for each in _steps(items, len(variables))]
        chosen = [(inner, item) for inner, item in zip(scopes, items, strict=True) if test is None or true(test(inner))]
        if name in _JUNCTIONS:
            return _joined([_attempt(body, inner) for inner, _ in chosen], decisive=_JUNCTIONS[name])
        values = [(item, body(inner)) for inner, item in chosen]
        if name in {"exists_one", "existsOne"}:
            return sum(true(value) for _, value in values) == 1
        return [item for item, value in values if true(value)] if name == "filter" else [value for _, value in values]

    return run


_JUNCTIONS = {"all": False, "exists": True}


def _steps(items: Any, variables: int) -> Iterator[tuple[Any, ...]]:
    """What the variables of a macro stand for, step by step: one is the item, or the key of a map; two are index or key, and value."""
    if variables == 1:
        return ((each,) for each in items)
    return iter(items.items()) if isinstance(items, dict) else enumerate(items)


def _attempt(body: Node, scope: Scope) -> bool | Exception:
    try:
        return true(body(scope))
    except ERRORS as error:
        return error


def _joined(found: list[bool | Exception], *, decisive: bool) -> bool:
    """Where one item decides, it does not matter that others cannot be evaluated."""
    if decisive in found:
        return decisive
    if error := next((each for each in found if isinstance(each, Exception)), None):
        raise error
    return not decisive
