"""The Common Expression Language, as far as validation rules of CRDs use it: parsed by precedence, evaluated over plain data."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from harness.emulated.apiserver.custom.cel_library import FUNCTIONS
from harness.emulated.apiserver.custom.cel_nodes import (
    ERRORS,
    MACROS,
    OF_TWO,
    CelError,
    Node,
    Scope,
    constant,
    index,
    macro,
    maybe,
    member,
    method,
    operation,
    present,
    true,
    variable,
)

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+\.\d+(?:[eE][+-]?\d+)?|\d+u?)|(?P<raw>r'[^']*'|r"[^"]*")"""
    r"""|(?P<text>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|(?P<name>[A-Za-z_]\w*)|(?P<sign>&&|\|\||[<>=!]=|[-+*/%<>!?:.,()\[\]{}]))"""
)
_LEVELS = (("||",), ("&&",), ("==", "!=", "<", "<=", ">", ">=", "in"), ("+", "-"), ("*", "/", "%"))
_CONSTANTS = {"true": True, "false": False, "null": None}
_QUOTES, _RAW_QUOTES = "'\"", ("r'", 'r"')


@cache
def compiled(text: str) -> Node:
    """An expression as a function of its variables; raises CelError."""
    parser = _ExpressionParser(list(_tokens(text)))
    node = parser.ternary()
    if parser.peek():
        raise CelError(f"unexpected {parser.peek()}")
    return node


def _tokens(text: str) -> Iterator[str]:
    position = 0
    while position < len(text.rstrip()):
        found = _TOKEN.match(text, position)
        if not found:
            raise CelError(f"unexpected character at {position}")
        position = found.end()
        yield found[0].strip()


class _ExpressionParser:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens, self._at = tokens, 0

    def peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.peek()
        if not token or (wanted and token != wanted):
            raise CelError(f"expected {wanted or 'more'}, found {token or 'the end'}")
        self._at += 1
        return token

    def ternary(self) -> Node:
        test = self.binary(0)
        if self.peek() != "?":
            return test
        self.take("?")
        yes = self.ternary()
        self.take(":")
        no = self.ternary()
        return lambda scope: yes(scope) if true(test(scope)) else no(scope)

    def binary(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self.unary()
        left = self.binary(level + 1)
        while self.peek() in _LEVELS[level]:
            left = operation(self.take(), left, self.binary(level + 1))
        return left

    def unary(self) -> Node:
        if self.peek() in {"!", "-"}:
            sign, inner = self.take(), self.unary()
            return (lambda scope: not true(inner(scope))) if sign == "!" else (lambda scope: -inner(scope))
        return self.postfix(self.primary())

    def primary(self) -> Node:
        word = self.take()
        if word == "(":
            inner = self.ternary()
            self.take(")")
            return inner
        if word in {"[", "{"}:
            return self._list() if word == "[" else self._map()
        if _is_literal(word):
            return constant(_literal(word))
        if not re.fullmatch(r"\w+", word):
            raise CelError(f"unexpected {word}")
        return self._named(word)

    def _named(self, word: str) -> Node:
        """A variable, or what a function of that name gives."""
        name = "".join(self._tokens[self._at - 1 : self._at + 2])
        if name in FUNCTIONS or name == "cel.bind":
            return self._qualified(name)
        if self.peek() == "(":
            self.take("(")
            return self._function(word, self._until(")"))
        return lambda scope: variable(scope, word)

    def _list(self) -> Node:
        items = self._until("]")
        return lambda scope: [item(scope) for item in items]

    def _map(self) -> Node:
        pairs = []
        while self.peek() != "}":
            key = self.ternary()
            self.take(":")
            pairs.append((key, self.ternary()))
            if self.peek() != "}":
                self.take(",")
        self.take("}")
        return lambda scope: {key(scope): value(scope) for key, value in pairs}

    def _until(self, end: str) -> list[Node]:
        found: list[Node] = []
        while self.peek() != end:
            found.append(self.ternary())
            if self.peek() != end:
                self.take(",")
        self.take(end)
        return found

    def _function(self, name: str, arguments: list[Node]) -> Node:
        if name == "has":
            return lambda scope: present(arguments[0], scope)
        if name not in FUNCTIONS:
            raise CelError(f"undeclared reference to '{name}'")
        return lambda scope: FUNCTIONS[name](*(argument(scope) for argument in arguments))

    def _qualified(self, name: str) -> Node:
        """`math.least(a, b)`, and `cel.bind(name, value, expression)`."""
        self.take(".")
        self.take()
        self.take("(")
        if name != "cel.bind":
            return self._function(name, self._until(")"))
        bound = self.take()
        self.take(",")
        value, body = self._until(")")
        return lambda scope: body({**scope, bound: value(scope)})

    def postfix(self, node: Node) -> Node:
        while self.peek() in {".", "["}:
            bracketed = self.take() == "["
            optional = self.peek() == "?" and bool(self.take())
            if bracketed:
                node = (maybe if optional else index)(node, self.ternary())
                self.take("]")
                continue
            name = _UNESCAPED.sub(_unescaped, self.take())
            if optional:
                node = maybe(node, constant(name))
            elif self.peek() != "(":
                node = member(node, name)
            else:
                self.take("(")
                node = self._macro(name, node) if name in MACROS else method(name, node, self._until(")"))
        return node

    def _macro(self, name: str, node: Node) -> Node:
        variables = [self.take()]
        self.take(",")
        if self._tokens[self._at + 1 : self._at + 2] == [","] and name in OF_TWO:
            variables.append(self.take())
            self.take(",")
        return macro(name, node, variables, self._until(")"))


_UNESCAPED = re.compile(r"__(underscores|dot|dash|slash|[a-z]+)__")


def _unescaped(found: re.Match[str]) -> str:
    """Names of fields that CEL cannot write: `x__dash__y`, and keywords as `__if__`."""
    return {"underscores": "__", "dot": ".", "dash": "-", "slash": "/"}.get(found[1], found[1])


def _is_literal(token: str) -> bool:
    return token in _CONSTANTS or token[0].isdigit() or token[0] in _QUOTES or token[:2] in _RAW_QUOTES


def _literal(token: str) -> Any:
    if token in _CONSTANTS:
        return _CONSTANTS[token]
    if token[0].isdigit():
        return float(token) if "." in token else int(token.rstrip("u"))
    return _text(token)


def _text(token: str) -> str:
    if token.startswith("r"):
        return token[2:-1]
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t", "r": "\r"}.get(found[1], found[1]), token[1:-1])


def evaluate(text: str, scope: Scope) -> Any:
    """The value of an expression; raises CelError for what cannot be read or evaluated."""
    try:
        return compiled(text)(scope)
    except ZeroDivisionError:
        raise CelError("division by zero") from None
    except ERRORS as error:
        raise CelError(str(error)) from error
