"""The Common Expression Language, as far as validation rules of CRDs use it: parsed by precedence, evaluated over plain data."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

Scope = dict[str, Any]
Node = Callable[[Scope], Any]


class CelError(ValueError):
    """An expression that cannot be read or evaluated here."""


_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+\.\d+(?:[eE][+-]?\d+)?|\d+u?)|(?P<raw>r'[^']*'|r"[^"]*")"""
    r"""|(?P<text>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|(?P<name>[A-Za-z_]\w*)|(?P<sign>&&|\|\||[<>=!]=|[-+*/%<>!?:.,()\[\]{}]))"""
)
_LEVELS = (("||",), ("&&",), ("==", "!=", "<", "<=", ">", ">=", "in"), ("+", "-"), ("*", "/", "%"))
_CONSTANTS = {"true": True, "false": False, "null": None}
_QUOTES, _RAW_QUOTES = "'\"", ("r'", 'r"')
_MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})


@cache
def compiled(text: str) -> Node:
    """An expression as a function of its variables; raises CelError."""
    parser = _Parser(list(_tokens(text)))
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


class _Parser:
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
        return lambda scope: yes(scope) if _true(test(scope)) else no(scope)

    def binary(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self.unary()
        left = self.binary(level + 1)
        while self.peek() in _LEVELS[level]:
            left = _operation(self.take(), left, self.binary(level + 1))
        return left

    def unary(self) -> Node:
        if self.peek() in {"!", "-"}:
            sign, inner = self.take(), self.unary()
            return (lambda scope: not _true(inner(scope))) if sign == "!" else (lambda scope: -inner(scope))
        return self.postfix(self.primary())

    def primary(self) -> Node:
        word = self.take()
        if word == "(":
            inner = self.ternary()
            self.take(")")
            return inner
        if word == "[":
            items = self._until("]")
            return lambda scope: [item(scope) for item in items]
        if _is_literal(word):
            return _constant(_literal(word))
        if not re.fullmatch(r"\w+", word):
            raise CelError(f"unexpected {word}")
        if self.peek() == "(":
            self.take("(")
            return self._function(word, self._until(")"))
        return lambda scope: _variable(scope, word)

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
            return lambda scope: _has(arguments[0], scope)
        if name not in _FUNCTIONS:
            raise CelError(f"undeclared reference to '{name}'")
        return lambda scope: _FUNCTIONS[name](arguments[0](scope))

    def postfix(self, node: Node) -> Node:
        while self.peek() in {".", "["}:
            if self.take() == "[":
                node = _index(node, self.ternary())
                self.take("]")
                continue
            name = self.take()
            if self.peek() != "(":
                node = _member(node, name)
            elif name in _MACROS:
                self.take("(")
                variable = self.take()
                self.take(",")
                node = _macro(name, node, variable, self._until(")"))
            else:
                self.take("(")
                node = _method(name, node, self._until(")"))
        return node


def _is_literal(token: str) -> bool:
    return token in _CONSTANTS or token[0].isdigit() or token[0] in _QUOTES or token[:2] in _RAW_QUOTES


def _literal(token: str) -> Any:
    if token in _CONSTANTS:
        return _CONSTANTS[token]
    if token[0].isdigit():
        return float(token) if "." in token else int(token.rstrip("u"))
    return _text(token)


def _constant(value: Any) -> Node:
    return lambda _: value


def _text(token: str) -> str:
    if token.startswith("r"):
        return token[2:-1]
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t", "r": "\r"}.get(found[1], found[1]), token[1:-1])


def _variable(scope: Scope, name: str) -> Any:
    if name not in scope:
        raise CelError(f"undeclared reference to '{name}'")
    return scope[name]


def _true(value: Any) -> bool:
    if not isinstance(value, bool):
        raise CelError("no such overload")
    return value


def _operation(sign: str, left: Node, right: Node) -> Node:
    if sign == "&&":
        return lambda scope: _true(left(scope)) and _true(right(scope))
    if sign == "||":
        return lambda scope: _true(left(scope)) or _true(right(scope))
    return lambda scope: _BINARY[sign](left(scope), right(scope))


_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "in": lambda a, b: a in b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: int(a / b) if isinstance(a, int) else a / b,
    "%": lambda a, b: a % b,
}
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "size": len,
    "int": int,
    "double": float,
    "string": lambda value: str(value).lower() if isinstance(value, bool) else str(value),
    "type": lambda value: type(value).__name__,
    "dyn": lambda value: value,
}
_METHODS: dict[str, Callable[..., Any]] = {
    "size": len,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": lambda text, part: part in text,
    "matches": lambda text, pattern: re.search(pattern, text) is not None,
    "lowerAscii": str.lower,
    "upperAscii": str.upper,
    "trim": str.strip,
    "split": lambda text, separator: text.split(separator),
    "replace": str.replace,
    "indexOf": str.find,
    "substring": lambda text, start, end=None: text[start:end],
    "isSorted": lambda items: items == sorted(items),
    "sum": sum,
    "min": min,
    "max": max,
}


def _member(node: Node, name: str) -> Node:
    def read(scope: Scope) -> Any:
        value = node(scope)
        if not isinstance(value, dict) or name not in value:
            raise CelError(f"no such key: {name}")
        return value[name]

    return read


def _index(node: Node, key: Node) -> Node:
    return lambda scope: node(scope)[key(scope)]


def _has(argument: Node, scope: Scope) -> bool:
    try:
        argument(scope)
    except CelError:
        return False
    return True


def _method(name: str, node: Node, arguments: list[Node]) -> Node:
    if name not in _METHODS:
        raise CelError(f"undeclared reference to '{name}'")
    return lambda scope: _METHODS[name](node(scope), *(argument(scope) for argument in arguments))


def _macro(name: str, node: Node, variable: str, arguments: list[Node]) -> Node:
    body = arguments[-1]

    def run(scope: Scope) -> Any:
        items = node(scope)
        values = ((item, body({**scope, variable: item})) for item in items)
        if name == "all":
            return all(_true(value) for _, value in values)
        if name == "exists":
            return any(_true(value) for _, value in values)
        if name == "exists_one":
            return sum(_true(value) for _, value in values) == 1
        return [item for item, value in values if _true(value)] if name == "filter" else [value for _, value in values]

    return run


def evaluate(text: str, scope: Scope) -> Any:
    """The value of an expression; raises CelError for what cannot be read or evaluated."""
    try:
        return compiled(text)(scope)
    except (TypeError, KeyError, IndexError, ValueError, ZeroDivisionError, re.error) as error:
        raise CelError(str(error)) from error
