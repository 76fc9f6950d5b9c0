"""Masks secrets in nested JSON: in all its texts, and under telling names."""

import re
from functools import lru_cache
from typing import Any

import msgspec

from bmc.masking.text import MASK, PARAMETERS, Hide, mask, masked

DEEPEST = 100
"""Levels of nested JSON that are looked through."""

CACHED_NAMES = 1 << 14

_MEMBER = re.compile(
    r"(?i:pass(?:word|wd|phrase)|pwd|token|secret|authorization|credential|cookie|community|private[_-]?key|session[_-]?id)s?$"
    r"|(?i:^pass|(?:^|[_-])(?:pin|psk|otp|sig))$|(?:^|[a-z])(?:Pin|PIN|Psk|PSK|Otp|OTP|Key)$|[A-Za-z][_-](?i:key)$"
)
_HARMLESS_MEMBERS = frozenset({"topologyKey"})
_DIGESTS = "dataDigest"
"""What we write of a Secret instead of its data."""
_PARAMETER = re.compile(PARAMETERS)
_NAMING = ("key", "name")


@lru_cache(CACHED_NAMES)
def is_secret_member(name: str) -> bool:
    """Is a text under this name, in an object of JSON or YAML, a secret?"""
    return _MEMBER.search(name) is not None and name not in _HARMLESS_MEMBERS


def is_secret_parameter(name: str) -> bool:
    """Is a text under this name, in the query of a URL, a secret?"""
    return is_secret_member(name) or _PARAMETER.fullmatch(name) is not None


def masked_value(value: Any, hide: Hide = mask, deepest: int = DEEPEST) -> Any:
    """Nested JSON without secrets: in all texts, and under telling names, also as `{"key": NAME, "value": ...}`.

    What is nested more than `deepest` levels deep is hidden as a whole.
    """
    if isinstance(value, str):
        return _masked_text(value, hide, deepest)
    if not isinstance(value, dict | list):
        return value
    if deepest == 0:
        return hide(msgspec.json.encode(value).decode())
    if isinstance(value, list):
        return [masked_value(item, hide, deepest - 1) for item in value]
    if "value" in value and any(is_secret_member(str(value.get(name))) for name in _NAMING):
        value = value | {"value": _hidden(value["value"], hide, deepest - 1)}
    return {name: _member(name, item, hide, deepest - 1) for name, item in value.items()}


def _masked_text(text: str, hide: Hide, deepest: int) -> str:
    """A text, which may itself be JSON, as in an annotation or the body of a request."""
    if text[:1] in ("{", "[") and deepest > 0:
        try:
            told = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            return masked(text, hide)
        shown = masked_value(told, hide, deepest - 1)
        return text if shown == told else msgspec.json.encode(shown).decode()
    return masked(text, hide)


def _member(name: str, value: Any, hide: Hide, deepest: int) -> Any:
    if name == _DIGESTS:
        return value
    return (_hidden if is_secret_member(name) else masked_value)(value, hide, deepest)


def _hidden(value: Any, hide: Hide, deepest: int) -> Any:
    """What stands under a telling name: its texts and numbers; the names of further members may be names of objects."""
    if isinstance(value, list):
        return [_hidden(item, hide, deepest) for item in value]
    if isinstance(value, dict | bool) or value in (None, "") or str(value).startswith(MASK):
        return masked_value(value, hide, deepest)
    return hide(str(value))
