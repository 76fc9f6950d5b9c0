"""What objects of upstream's kinds have, beside what every object has: the members of their specs and statuses, and those of these.

`kinds.json` tells them, of every version of a kind's API together; what lies deeper is not known beforehand. A member that only another
release has is written `object.spec["newMember"]`.
"""

from collections.abc import Mapping
from functools import cache
from pkgutil import get_data
from typing import Any

import msgspec

from harness.files.conditions.types import ANY, ListOf, Struct, ValueType

LIST, VOWELS = "a list", "AEIO"


@cache
def members_of_kinds() -> dict[str, dict[str, Any]]:
    """Name of a kind -> its members, each with its type in words, or with members of its own."""
    told: dict[str, dict[str, Any]] = msgspec.json.decode(get_data(__package__, "kinds.json") or b"{}")
    return told


def typed(kind: str, of_every_object: Mapping[str, ValueType], conditions: ValueType) -> Struct:
    """An object of one of these kinds."""
    return _struct(f"{'an' if kind[0] in VOWELS else 'a'} {kind}", members_of_kinds()[kind], conditions, of_every_object)


def _struct(name: str, members: Mapping[str, Any], conditions: ValueType, more: Mapping[str, ValueType]) -> Struct:
    return Struct(name, {**more, **{it: _type(f"`{it}` of {name}", it, told, conditions) for it, told in members.items()}})


def _type(name: str, member: str, told: Any, conditions: ValueType) -> ValueType:
    if isinstance(told, dict):
        return _struct(name, told, conditions, {})
    if told == LIST:
        return conditions if member == "conditions" else ListOf(ANY)
    word: str = told
    return word
