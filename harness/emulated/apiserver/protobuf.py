"""Protobuf request bodies: the envelope of `MAGIC` with a runtime.Unknown, and the built-in kinds that clients send in it."""

import base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from harness.emulated.apiserver.kinds import Json
from harness.emulated.apiserver.protobuf_messages import KINDS, MESSAGES

MAGIC = b"k8s\x00"


class ProtobufError(ValueError):
    """Bytes that are no protobuf of a kind known here."""


def decode_unknown(data: bytes) -> Json:
    """The object in an envelope, as its JSON form; raises ProtobufError for what cannot be read."""
    if not data.startswith(MAGIC):
        raise ProtobufError("no k8s protobuf envelope")
    envelope = dict(fields(data[len(MAGIC) :]))
    type_meta = dict(fields(bytes(envelope.get(1, b""))))
    api_version, kind = (bytes(type_meta.get(number, b"")).decode() for number in (1, 2))
    message = KINDS.get((api_version, kind)) or KINDS.get(("", kind))
    if message is None:
        raise ProtobufError(f"no protobuf of {api_version} {kind} is read here; send JSON")
    return {"apiVersion": api_version, "kind": kind} | decode_message(message, bytes(envelope.get(2, b"")))


def decode_message(name: str, data: bytes) -> Json:
    """One message by its table in `MESSAGES`; fields without an entry are passed over."""
    table = MESSAGES[name]
    found: Json = {}
    for number, raw in fields(data):
        if number in table:
            field, kind = table[number]
            _put(found, field, kind, raw)
    return found


def _put(found: Json, field: str, kind: str, raw: Any) -> None:
    if kind.startswith("map:"):
        key, value = _entry(kind.removeprefix("map:"), raw)
        found.setdefault(field, {})[key] = value
    elif kind.startswith("list:"):
        found.setdefault(field, []).append(_value(kind.removeprefix("list:"), raw))
    elif (value := _value(kind, raw)) not in _ABSENT or kind == "bool" or (kind == "int" and field not in _COUNTED):
        found[field] = value


def _entry(kind: str, raw: bytes) -> tuple[str, Any]:
    entry = dict(fields(raw))
    return bytes(entry.get(1, b"")).decode(), _value(kind, entry.get(2, b""))


_ABSENT = ("", None, 0)
_COUNTED = frozenset({"generation", "count"})
"""Go sends zero values of what is no pointer: an empty string or time, and these numbers, mean absent."""


def _signed(raw: int) -> int:
    return raw - (1 << 64) if raw >> 63 else raw


def _time(raw: bytes, *, micro: bool) -> str | None:
    parts = dict(fields(raw))
    if not parts:
        return None
    moment = datetime.fromtimestamp(int(parts.get(1, 0)), UTC)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{int(parts.get(2, 0)) // 1000:06d}Z" if micro else f"{text}Z"


def _int_or_string(raw: bytes) -> int | str:
    parts = dict(fields(raw))
    return bytes(parts.get(3, b"")).decode() if parts.get(1) == 1 else _signed(int(parts.get(2, 0)))


_SCALARS: dict[str, Callable[[Any], Any]] = {
    "string": lambda raw: bytes(raw).decode(),
    "bytes": lambda raw: base64.b64encode(bytes(raw)).decode(),
    "int": _signed,
    "bool": bool,
    "time": lambda raw: _time(raw, micro=False),
    "microtime": lambda raw: _time(raw, micro=True),
    "intorstring": _int_or_string,
    "quantity": lambda raw: bytes(dict(fields(raw)).get(1, b"")).decode(),
    "strings": lambda raw: [bytes(value).decode() for _, value in fields(raw)],
}


def _value(kind: str, raw: Any) -> Any:
    scalar = _SCALARS.get(kind)
    return scalar(raw) if scalar else decode_message(kind, raw)


def fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """(field number, varint or bytes) of one message, in the order sent."""
    position = 0
    while position < len(data):
        tag, position = _varint(data, position)
        wire = tag & 7
        if wire == 0:
            value, position = _varint(data, position)
            yield tag >> 3, value
            continue
        length, position = _varint(data, position) if wire == 2 else ({1: 8, 5: 4}.get(wire, -1), position)
        if length < 0 or position + length > len(data):
            raise ProtobufError(f"field {tag >> 3} at byte {position} is cut or of unknown wire type {wire}")
        yield tag >> 3, data[position : position + length]
        position += length


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while position < len(data):
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position
    raise ProtobufError("a number is cut")
