"""Label selectors: `a=b,c!=d,e in (x,y),!f,g>3` as predicates over labels, with the errors that upstream's parser tells."""

import re
from collections.abc import Callable, Iterator

from harness.emulated.apiserver.errors import ApiError, bad_request, shown
from harness.emulated.apiserver.naming_rules import qualified_problems, value_problems

Labels = dict[str, str]
Requirement = Callable[[Labels], bool]

_TOKEN = re.compile(r"\s*(?:(==|!=|=|<|>|!|,|\(|\))|([^\s=!<>,()]+))")
_SAID = "in, notin, =, ==, !=, gt, lt"


class _Tokens:
    """The tokens of a selector; past the end they are empty."""

    def __init__(self, text: str) -> None:
        self._tokens = [operator or word for operator, word in _TOKEN.findall(text)]
        self._at = 0

    def peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self._at += 1
        return token


def label_requirements(text: str) -> tuple[Requirement, ...]:
    """All that a selector asks; raises ApiError 400."""
    return tuple(_requirements(_Tokens(text))) if text.strip() else ()


def _wrong(why: str) -> ApiError:
    return bad_request(f"unable to parse requirement: {why}")


def _requirements(tokens: _Tokens) -> Iterator[Requirement]:
    while True:
        yield _requirement(tokens)
        end = tokens.take()
        if not end:
            return
        if end != ",":
            raise bad_request(f"found '{end}', expected: ',' or 'end of string'")
        if not tokens.peek():
            raise bad_request("found '', expected: identifier after ','")


def _requirement(tokens: _Tokens) -> Requirement:
    absent = tokens.peek() == "!"
    if absent:
        tokens.take()
    key = tokens.take()
    if not key or key in "=!<>,()":
        raise _wrong(f"found '{key}', expected: !, identifier, or 'end of string'")
    if found := qualified_problems(key):
        raise _wrong(f"<nil>: Invalid value: {shown(key)}: {'; '.join(found)}")
    if absent:
        return lambda labels: key not in labels
    if tokens.peek() in {"", ","}:
        return lambda labels: key in labels
    operator = tokens.take()
    if operator in {"in", "notin"}:
        return _member(key, _values(tokens, key), wanted=operator == "in")
    if operator not in {"=", "==", "!=", ">", "<"}:
        raise _wrong(f"found '{operator}', expected: {_SAID}")
    value = "" if tokens.peek() in {"", ","} else tokens.take()
    return _comparison(key, operator, value)


def _values(tokens: _Tokens, key: str) -> set[str]:
    begin = tokens.take()
    if begin != "(":
        raise _wrong(f"found '{begin}' expected: '('")
    values = []
    while tokens.peek() != ")":
        values.append("" if tokens.peek() == "," else tokens.take())
        if tokens.peek() not in {",", ")"}:
            raise _wrong(f"found '{tokens.peek()}', expected: ',' or ')'")
        if tokens.peek() == ",":
            tokens.take()
    tokens.take()
    for index, value in enumerate(values):
        _check_value(key, value, index)
    return set(values) or {""}


def _check_value(key: str, value: str, index: int = 0) -> None:
    if found := value_problems(value):
        raise _wrong(f"values[{index}][{key}]: Invalid value: {shown(value)}: {'; '.join(found)}")


def _member(key: str, values: set[str], *, wanted: bool) -> Requirement:
    return lambda labels: (key in labels and labels[key] in values) is wanted


def _comparison(key: str, operator: str, value: str) -> Requirement:
    if operator in {"=", "==", "!="}:
        _check_value(key, value)
        return lambda labels: (labels.get(key) == value) is (operator != "!=")
    if not re.fullmatch(r"-?\d+", value):
        raise _wrong(f"values[0]: Invalid value: {shown(value)}: for 'Gt', 'Lt' operators, the value must be an integer")
    limit, sign = int(value), 1 if operator == ">" else -1
    return lambda labels: key in labels and labels[key].lstrip("-").isdigit() and sign * int(labels[key]) > sign * limit
