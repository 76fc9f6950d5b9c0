"""Label selectors: `a=b,c!=d,e in (x,y),!f,g>3` as predicates over labels, with the errors that upstream's parser tells."""

import re
from collections.abc import Callable, Iterator

from harness.emulated.apiserver.kinds.errors import ApiError, bad_request, shown
from harness.emulated.apiserver.kinds.naming_rules import qualified_problems, value_problems

Labels = dict[str, str]
Requirement = Callable[[Labels], bool]

_NUMBER = re.compile(r"[+-]?\d+")
_TOKEN = re.compile(r"[ \t\r\n]*(==|!=|[=<>!,()]|[^ \t\r\n=!<>,()]+)")
_OPERATORS = ("in", "notin", "=", "==", "!=", ">", "<")
_SAID = "in, notin, =, ==, !=, gt, lt"
_END = ("", ",")


class _Tokens:
    """The tokens of a selector; past the end they are empty."""

    def __init__(self, text: str) -> None:
        self._tokens, self._at = _TOKEN.findall(text), 0

    def peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self._at += 1
        return token


def label_requirements(text: str) -> tuple[Requirement, ...]:
    """All that a selector asks; raises ApiError 400."""
    return tuple(_requirements(_Tokens(text)))


def _wrong(why: str) -> ApiError:
    return bad_request(f"unable to parse requirement: {why}")


def _is_word(token: str) -> bool:
    return bool(token) and token[0] not in "=!<>,()"


def _requirements(tokens: _Tokens) -> Iterator[Requirement]:
    while found := tokens.peek():
        if found != "!" and not _is_word(found):
            raise bad_request(f"found '{found}', expected: !, identifier, or 'end of string'")
        yield _requirement(tokens)
        end = tokens.take()
        if end not in _END:
            raise bad_request(f"found '{end}', expected: ',' or 'end of string'")
        if end and tokens.peek() != "!" and not _is_word(tokens.peek()):
            raise bad_request(f"found '{tokens.peek()}', expected: identifier after ','")


def _requirement(tokens: _Tokens) -> Requirement:
    absent = tokens.peek() == "!"
    if absent:
        tokens.take()
    key = tokens.take()
    if not _is_word(key):
        raise _wrong(f"found '{key}', expected: identifier")
    if wrong := qualified_problems(key):
        raise _wrong(f"<nil>: Invalid value: {shown(key)}: {'; '.join(wrong)}")
    if absent:
        return lambda labels: key not in labels
    if tokens.peek() in _END:
        return lambda labels: key in labels
    operator = tokens.take()
    if operator not in _OPERATORS:
        raise _wrong(f"found '{operator}', expected: {_SAID}")
    values = sorted(_values(tokens) if operator in {"in", "notin"} else {_value(tokens)})
    _check(key, operator, values)
    if operator in {">", "<"}:
        return _comparison(key, operator, int(values[0]))
    return lambda labels: (key in labels and labels[key] in values) is (operator not in {"notin", "!="})


def _value(tokens: _Tokens) -> str:
    if tokens.peek() in _END:
        return ""
    value = tokens.take()
    if not _is_word(value):
        raise _wrong(f"found '{value}', expected: identifier")
    return value


def _values(tokens: _Tokens) -> set[str]:
    """The values between parentheses; one that is left out is empty."""
    if (begin := tokens.take()) != "(":
        raise _wrong(f"found '{begin}' expected: '('")
    if tokens.peek() not in {",", ")"} and not _is_word(tokens.peek()):
        raise _wrong(f"found '{tokens.peek()}', expected: ',', ')' or identifier")
    values, word = set[str](), ""
    while (found := tokens.take()) != ")":
        if found != "," and not _is_word(found):
            raise _wrong(f"found '{found}', expected: ',', or identifier")
        if found != "," and tokens.peek() not in {",", ")"}:
            raise _wrong(f"found '{tokens.peek()}', expected: ',' or ')'")
        values |= {word} if found == "," else set()
        word = "" if found == "," else found
    return values | {word}


def _check(key: str, operator: str, values: list[str]) -> None:
    """Raise ApiError 400 for values that no label has."""
    found = []
    for index, value in enumerate(values if operator in {">", "<"} else ()):
        if not _NUMBER.fullmatch(value):
            why = "for 'Gt', 'Lt' operators, the value must be an integer"
            found.append(f"values[{index}]: Invalid value: {shown(value)}: {why}")
    for index, value in enumerate(values):
        if wrong := value_problems(value):
            found.append(f"values[{index}][{key}]: Invalid value: {shown(value)}: {'; '.join(wrong)}")
    if found:
        raise _wrong(found[0] if len(found) == 1 else f"[{', '.join(found)}]")


def _comparison(key: str, operator: str, limit: int) -> Requirement:
    sign = 1 if operator == ">" else -1
    return lambda labels: bool(_NUMBER.fullmatch(labels.get(key, ""))) and sign * int(labels[key]) > sign * limit
