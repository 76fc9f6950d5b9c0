"""Protobuf of the built-in kinds, both ways: the envelope of `MAGIC` with a runtime.Unknown, and the types within it."""

import base64
import struct
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from harness.emulated.apiserver.kinds.types import OBJECT_META, RESOURCES, TYPES, Json

MAGIC = b"k8s\x00"
MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
_META = {"type": "object", "properties": {"metadata": OBJECT_META | {"number": 1}}}
_LIST_META = {"type": "object", "properties": {
    "selfLink": {"type": "string", "number": 1}, "resourceVersion": {"type": "string", "number": 2},
    "continue": {"type": "string", "number": 3}, "remainingItemCount": {"type": "integer", "number": 4},
}}  # fmt: skip
_KINDS: dict[tuple[str, str], Json] = {
    (f"{each['group']}/{each['version']}" if each["group"] else each["version"], each["kind"]): TYPES[each["type"]]
    for each in RESOURCES
}
_KINDS |= {
    ("authentication.k8s.io/v1", "TokenRequest"): TYPES["authentication.v1.TokenRequest"],
    ("policy/v1", "Eviction"): TYPES["policy.v1.Eviction"],
}
_KINDS |= {("autoscaling/v1", "Scale"): TYPES["autoscaling.v1.Scale"], ("v1", "Status"): TYPES["meta.v1.Status"]}
_KINDS |= {("v1", kind): TYPES[f"meta.v1.{kind}"] for kind in ("APIGroupList", "APIGroup", "APIResourceList", "APIVersions")}
_KINDS |= {("meta.k8s.io/v1", "PartialObjectMetadata"): _META, ("meta.k8s.io/v1beta1", "PartialObjectMetadata"): _META}


class ProtobufError(ValueError):
    """Bytes that are no protobuf of a kind known here, or a kind that has none."""


def _type_of(api_version: str, kind: str) -> Json:
    found = _KINDS.get((api_version, kind))
    if found is None and kind == "DeleteOptions":
        return TYPES["meta.v1.DeleteOptions"]
    if found is None and (item := _KINDS.get((api_version, kind.removesuffix("List")))):
        members = {"metadata": _LIST_META | {"number": 1}, "items": {"type": "array", "items": item, "number": 2}}
        return {"type": "object", "properties": members}
    if found is None:
        raise ProtobufError(f"no protobuf of {api_version} {kind}")
    return found


def decode_unknown(data: bytes) -> Json:
    """The object in an envelope, as its JSON form; raises ProtobufError for what cannot be read."""
    envelope = dict(fields(data[len(MAGIC) :]))
    type_meta = dict(fields(bytes(envelope.get(1, b""))))
    api_version, kind = (bytes(type_meta.get(number, b"")).decode() for number in (1, 2))
    found = _message(_type_of(api_version, kind), bytes(envelope.get(2, b"")))
    return {"apiVersion": api_version, "kind": kind} | found


def encode_unknown(body: Json) -> bytes:
    """An object, list or Status in its envelope; raises ProtobufError for kinds that have none."""
    api_version, kind = body["apiVersion"], body["kind"]
    type_meta = _bytes_field(1, api_version.encode()) + _bytes_field(2, kind.encode())
    payload = _written(_type_of(api_version, kind), body)
    return MAGIC + _bytes_field(1, type_meta) + _bytes_field(2, payload) + _bytes_field(3, b"") + _bytes_field(4, b"")


def watch_frame(kind: str, body: Json) -> bytes:
    """One event of a watch: its length and a WatchEvent."""
    event = _bytes_field(1, kind.encode()) + _bytes_field(2, _bytes_field(1, encode_unknown(body)))
    return struct.pack(">I", len(event)) + event


# --- reading ---


def _message(schema: Json, data: bytes) -> Json:
    named = {member["number"]: (name, member) for name, member in schema["properties"].items() if "number" in member}
    found: Json = {}
    for number, raw in fields(data):
        if number in named:
            name, member = named[number]
            _put(found, name, member, raw)
    return found


def _put(found: Json, name: str, schema: Json, raw: Any) -> None:
    if schema.get("type") == "object" and "additionalProperties" in schema:
        entry = dict(fields(raw))
        found.setdefault(name, {})[bytes(entry.get(1, b"")).decode()] = _value(schema["additionalProperties"], entry.get(2, b""))
    elif schema.get("type") == "array":
        found.setdefault(name, []).append(_value(schema["items"], raw))
    else:
        found[name] = _value(schema, raw)


def _value(schema: Json, raw: Any) -> Any:
    if "properties" in schema:
        return _message(schema, raw)
    if read := _READ.get(_form(schema)):
        return read(raw)
    raise ProtobufError(f"no protobuf of {schema.get('struct', 'this field')} is read here")


def _form(schema: Json) -> str:
    if schema.get("x-kubernetes-int-or-string"):
        return "int-or-string"
    if schema.get("x-kubernetes-preserve-unknown-fields"):
        return "raw"
    form: str = schema.get("format", "")
    kind: str = schema.get("type", "")
    return form if form in {"byte", "date-time", "micro-time", "quantity"} else kind


def _signed(raw: int) -> int:
    return raw - (1 << 64) if raw >> 63 else raw


def _time(raw: bytes, *, micro: bool) -> str | None:
    parts = dict(fields(raw))
    if not parts:
        return None
    text = datetime.fromtimestamp(_signed(int(parts.get(1, 0))), UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{int(parts.get(2, 0)) // 1000:06d}Z" if micro else f"{text}Z"


def _int_or_string(raw: bytes) -> int | str:
    parts = dict(fields(raw))
    return bytes(parts.get(3, b"")).decode() if parts.get(1) == 1 else _signed(int(parts.get(2, 0)))


_READ: dict[str, Callable[[Any], Any]] = {
    "string": lambda raw: bytes(raw).decode(),
    "byte": lambda raw: base64.b64encode(bytes(raw)).decode(),
    "integer": _signed,
    "boolean": bool,
    "date-time": lambda raw: _time(raw, micro=False),
    "micro-time": lambda raw: _time(raw, micro=True),
    "int-or-string": _int_or_string,
    "quantity": lambda raw: bytes(dict(fields(raw)).get(1, b"")).decode(),
    "raw": lambda raw: msgspec.json.decode(dict(fields(raw)).get(1, b"null")),
}


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


# --- writing ---


def _written(schema: Json, body: Json) -> bytes:
    members = schema["properties"]
    given = [(members[name], value) for name, value in body.items() if value is not None and "number" in members.get(name, ())]
    return b"".join(_fields_of(member, value) for member, value in sorted(given, key=lambda item: item[0]["number"]))


def _fields_of(schema: Json, value: Any) -> bytes:
    number: int = schema["number"]
    if isinstance(value, list):
        return b"".join(_field(number, schema["items"], each) for each in value)
    if schema.get("type") == "object" and "additionalProperties" in schema:
        inner = schema["additionalProperties"]
        entries = ((_bytes_field(1, key.encode()) + _field(2, inner, each)) for key, each in sorted(value.items()))
        return b"".join(_bytes_field(number, entry) for entry in entries)
    return _field(number, schema, value)


def _field(number: int, schema: Json, value: Any) -> bytes:
    if "properties" in schema:
        return _bytes_field(number, _written(schema, value))
    if isinstance(value, int) and not schema.get("x-kubernetes-int-or-string"):
        return _number(number << 3) + _number(int(value))
    if write := _WRITE.get(_form(schema)):
        return _bytes_field(number, write(value))
    raise ProtobufError(f"no protobuf of {schema.get('struct', 'this field')} is written here")


def _time_bytes(text: str) -> bytes:
    moment = datetime.fromisoformat(text)
    return b"\x08" + _number(int(moment.timestamp())) + b"\x10" + _number(moment.microsecond * 1000)


def _int_or_string_bytes(value: int | str) -> bytes:
    text = isinstance(value, str)
    return (
        b"\x08"
        + _number(int(text))
        + b"\x10"
        + _number(0 if isinstance(value, str) else value)
        + (_bytes_field(3, str(value).encode() if text else b""))
    )


_WRITE: dict[str, Callable[[Any], bytes]] = {
    "string": lambda value: value.encode(),
    "byte": base64.b64decode,
    "date-time": _time_bytes,
    "micro-time": _time_bytes,
    "int-or-string": _int_or_string_bytes,
    "quantity": lambda value: _bytes_field(1, str(value).encode()),
    "raw": lambda value: _bytes_field(1, msgspec.json.encode(value, order="sorted")),
}


def _bytes_field(number: int, data: bytes) -> bytes:
    return _number(number << 3 | 2) + _number(len(data)) + data


def _number(value: int) -> bytes:
    value &= (1 << 64) - 1
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*made, value])
