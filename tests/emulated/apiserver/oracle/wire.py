"""Protobuf as a tree of field numbers, read without knowing the messages: enough to say whether two answers tell the same."""

import re
from typing import Any

from harness.emulated.apiserver.wire.protobuf import MAGIC, ProtobufError, fields

_UID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}$")


def message(data: bytes) -> Any:
    """A message as a list of (field number, value), with what differs from run to run left out."""
    data = data.removeprefix(MAGIC)
    try:
        found = [(number, _value(value)) for number, value in fields(data)]
    except ProtobufError:
        return data.decode(errors="replace")
    # Go writes the nothing of a field that is no pointer, and reads what is absent as that nothing.
    return [[number, value] for number, value in found if value not in ("", 0, [])]


def _value(value: Any) -> Any:
    if isinstance(value, int):
        return "TIME" if value > 1_600_000_000 else value
    raw = bytes(value)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = ""
    if text.isprintable() and text:
        return "UID" if _UID.match(text) else "DIGITS" if text.isdigit() else "TIME" if re.match(r"^20\d\d-.*Z$", text) else text
    return message(raw) if raw else ""
