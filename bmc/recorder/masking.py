"""What of a request or an answer may be written down: passwords, tokens and keys never.

Secrets are found by their names in JSON, in URLs and in headers, and by their forms in texts (`bmc/masking.py`). What a BMC says
back is searched besides for the very secrets of the request that it answers: error messages like to repeat the value that they
complain about.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import msgspec

from bmc.masking.text import MASK, masked
from bmc.masking.value import is_secret_member, is_secret_parameter

BODY_CHARACTERS = 16_384
TEXT_CHARACTERS = 1024
"""Longer texts within a body are shortened, so that what stands beside them stays."""

REQUEST_HEADERS = ("Content-Type", "If-Match", "If-None-Match")
ANSWER_HEADERS = ("Content-Type", "ETag", "Location", "Retry-After", "WWW-Authenticate")
"""The headers that are written down; all others, and so every token, are not."""

_SECRET = re.compile(
    r"password|passwd|passphrase|token|secret|authorization|credential|cookie|community|httpheaders|privatekey|key$",
    re.IGNORECASE,
)
"""A BMC's members name nothing that must stay readable, so here it is enough that such a word is part of the name."""
_HARMLESS = (bool, type(None))


def is_secret(name: str) -> bool:
    """Is a value under this name a secret?"""
    return _SECRET.search(name) is not None or is_secret_member(name)


def masked_body(data: bytes, secrets: Iterable[str] = ()) -> str:
    """A JSON body without its secrets, as JSON of at most BODY_CHARACTERS; empty where it is no JSON.

    Of an object that is too long its small members are kept, as many as there is room for.
    """
    try:
        value = msgspec.json.decode(data) if data else None
        shown = _masked(value, tuple(secret for secret in secrets if secret))
        return "" if value is None else _fitting(shown)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def masked_query(query: str) -> str:
    """A query string with the values of secret parameters masked."""
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode(
        [(name, MASK if is_secret(name) or is_secret_parameter(name) else value) for name, value in pairs],
        safe="$*",
        quote_via=quote,
    )


def masked_headers(headers: Mapping[str, str], names: Iterable[str], secrets: Iterable[str] = ()) -> dict[str, str]:
    """The named headers, those that are there."""
    hidden = tuple(secret for secret in secrets if secret)
    return {name: _text(headers[name], hidden) for name in names if name in headers}


def secrets_of(data: bytes) -> list[str]:
    """The secret texts in a JSON body."""
    try:
        return list(_secrets(msgspec.json.decode(data))) if data else []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []


def _secrets(value: Any, *, hidden: bool = False) -> Iterable[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _secrets(each, hidden=hidden or is_secret(name))
    elif isinstance(value, list):
        for each in value:
            yield from _secrets(each, hidden=hidden)
    elif hidden and isinstance(value, str):
        yield value


def _masked(value: Any, secrets: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {name: _member(name, each, secrets) for name, each in value.items()}
    if isinstance(value, list):
        return [_masked(each, secrets) for each in value]
    return _text(value, secrets) if isinstance(value, str) else value


def _member(name: str, value: Any, secrets: tuple[str, ...]) -> Any:
    return MASK if is_secret(name) and not isinstance(value, _HARMLESS) else _masked(value, secrets)


def _text(text: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        text = text.replace(secret, MASK)
    text = masked(text)
    return text if len(text) <= TEXT_CHARACTERS else f"{text[:TEXT_CHARACTERS]}..."


def _fitting(value: Any) -> str:
    text = msgspec.json.encode(value).decode()
    if len(text) <= BODY_CHARACTERS or not isinstance(value, dict):
        return text if len(text) <= BODY_CHARACTERS else ""
    kept: dict[str, Any] = {}
    room = BODY_CHARACTERS
    for name in sorted(value, key=lambda name: len(msgspec.json.encode(value[name]))):
        room -= len(msgspec.json.encode({name: value[name]}))
        if room < 0:
            break
        kept[name] = value[name]
    return msgspec.json.encode(kept).decode()
