"""Label selectors: `a=b,c!=d,e in (x,y),!f,g>3` as predicates over labels."""

import re
from collections.abc import Callable

from harness.emulated.apiserver.kinds.errors import ApiError, bad_request, shown
from harness.emulated.apiserver.kinds.naming_rules import qualified_problems, value_problems

Labels = dict[str, str]
Requirement = Callable[[Labels], bool]

_NUMBER = re.compile(r"[+-]?\d+")
_PART = re.compile(r"\s*((?:\([^()]*\)|[^,()])*)(?:,|$)")
_EXISTS = re.compile(r"(!?)\s*([^\s=!<>]+)\s*")
_COMPARED = re.compile(r"([^\s=!<>]+)\s*(==|!=|=|<|>)\s*([^\s=!<>]*)\s*")
_AMONG = re.compile(r"([^\s=!<>]+)\s+(in|notin)\s*\(([^()]*)\)\s*")


def label_requirements(text: str) -> tuple[Requirement, ...]:
    """The requirements of a selector; raises ApiError 400."""
    parts = [found[1] for found in _PART.finditer(text) if found[1]]
    if text.strip() and ",".join(parts).replace(" ", "") != text.replace(" ", ""):
        raise _wrong(text)
    return tuple(_requirement(part) for part in parts)


def _wrong(text: str, why: str = "") -> ApiError:
    return bad_request(f"unable to parse requirement: {shown(text)}{f': {why}' if why else ''}")


def _requirement(text: str) -> Requirement:
    if found := _AMONG.fullmatch(text):
        key, operator, listed = found.groups()
        return _among(key, {each.strip() for each in listed.split(",")}, wanted=operator == "in")
    if found := _COMPARED.fullmatch(text):
        key, operator, value = found.groups()
        return _comparison(key, operator, value) if operator in "<>" else _among(key, {value}, wanted=operator != "!=")
    if found := _EXISTS.fullmatch(text):
        absent, key = found.groups()
        _check(key, ())
        return lambda labels: (key in labels) is not bool(absent)
    raise _wrong(text)


def _among(key: str, values: set[str], *, wanted: bool) -> Requirement:
    _check(key, values)
    return lambda labels: (key in labels and labels[key] in values) is wanted


def _comparison(key: str, operator: str, value: str) -> Requirement:
    _check(key, ())
    if not _NUMBER.fullmatch(value):
        raise _wrong(f"{key}{operator}{value}", "the value must be an integer")
    sign, limit = 1 if operator == ">" else -1, int(value)
    return lambda labels: bool(_NUMBER.fullmatch(labels.get(key, ""))) and sign * int(labels[key]) > sign * limit


def _check(key: str, values: set[str] | tuple[str, ...]) -> None:
    """Raise ApiError 400 for a key or value that cannot be in a label."""
    for each, problems in ((key, qualified_problems(key)), *((value, value_problems(value)) for value in values)):
        if problems:
            raise _wrong(each, "; ".join(problems))
