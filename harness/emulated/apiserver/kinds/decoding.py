"""Decodes a body as Go's types would: drops and reports unknown fields, refuses wrong types, omits empty values."""

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import Any

from harness.emulated.apiserver.kinds.errors import Json
from harness.emulated.apiserver.kinds.quantities import SAYS, canonical
from harness.emulated.apiserver.kinds.types import nothing_of

ABSENT = object()
KINDS = {bool: "bool", int: "number", float: "number", str: "string", list: "array", dict: "object", type(None): "null"}
_SCALARS = {"string": "string", "boolean": "bool", "number": "float64"}
_BASE64 = re.compile(r"[^A-Za-z0-9+/]")


class UnmarshalTypeError(ValueError):
    """A value that does not fit its Go type; the text is what Go's decoder says."""


Place = tuple[str, str]
"""A location as Go names it: the struct that holds a value, and the path of struct fields."""


def decoded(schema: Json, value: Any, path: str, unknown: list[str], place: Place = ("", "")) -> Any:
    """The value as its type keeps it, or ABSENT; unknown fields are added to `unknown`, by their `path`. Raises UnmarshalTypeError."""
    if value is None:
        return nothing_of(schema) if "default" in schema else ABSENT
    if "properties" in schema:
        return _struct(schema, value, path, unknown, place)
    if schema.get("x-kubernetes-preserve-unknown-fields"):
        return value
    kind = schema.get("type")
    if kind == "object":
        _expect(dict, value, schema, place)
        inner = schema["additionalProperties"]
        found = {key: decoded(inner, member, f"{path}.{key}", unknown, place) for key, member in value.items()}
        members: Any = {key: _empty(inner) if member is ABSENT else member for key, member in found.items()}
    elif kind == "array":
        _expect(list, value, schema, place)
        listed = [decoded(schema["items"], each, f"{path}[{index}]", unknown, place) for index, each in enumerate(value)]
        members = [_empty(schema["items"]) if each is ABSENT else each for each in listed]
    else:
        members = _scalar(schema, value, place)
    if not members and isinstance(members, list) and "default" in schema:
        return schema["default"]  # stored as protobuf, an empty list is read as none
    return ABSENT if schema.get("omit") and not members else members


def _empty(schema: Json) -> Any:
    return {"string": "", "integer": 0, "boolean": False}.get(schema.get("type", ""))


def _struct(schema: Json, value: Any, path: str, unknown: list[str], place: Place) -> Json:
    _expect(dict, value, schema, place)
    properties: Json = schema["properties"]
    made: Json = {}
    for name, member in value.items():
        inner = f"{path}.{name}" if path else name
        if name not in properties:
            unknown.append(inner)
            continue
        field = f"{place[1]}.{name}" if place[1] else name
        found = decoded(properties[name], member, inner, unknown, (schema["struct"].rpartition(".")[2], field))
        if found is not ABSENT:
            made[name] = found
    for name, member in properties.items():
        if name not in made and "default" in member:
            made[name] = nothing_of(member)
    return made


def _expect(kind: type, value: Any, schema: Json, place: Place) -> None:
    if not isinstance(value, kind):
        raise _mismatch(value, schema, place)


def _mismatch(value: Any, schema: Json, place: Place) -> UnmarshalTypeError:
    whole = schema.get("type") == "integer"
    shown = f"number {value}" if isinstance(value, float) and whole else KINDS[type(value)]
    where = f"struct field {'.'.join(place)}" if place[0] else "value"
    return UnmarshalTypeError(f"json: cannot unmarshal {shown} into Go {where} of type {_go_type(schema)}")


def _go_type(schema: Json) -> str:
    if "struct" in schema:
        return ".".join(schema["struct"].rsplit(".", 2)[1:])
    kind = schema.get("type", "")
    if kind == "array":
        return f"[]{_go_type(schema['items'])}"
    if kind == "object":
        return f"map[string]{_go_type(schema['additionalProperties'])}"
    return _SCALARS.get(kind) or schema.get("format") or "int"


def _scalar(schema: Json, value: Any, place: Place) -> Any:
    kind, form = schema.get("type"), schema.get("format", "")
    whole = isinstance(value, int) and not isinstance(value, bool)
    if schema.get("x-kubernetes-int-or-string"):
        fits = isinstance(value, str) or whole
    elif form == "quantity":
        return _quantity(value)
    elif kind == "string":
        fits = isinstance(value, str)
    elif kind == "boolean":
        fits = isinstance(value, bool)
    else:
        fits = whole if kind == "integer" else whole or isinstance(value, float)
    if not fits:
        raise _mismatch(value, schema, place)
    if form in _CHECKED and value:
        if form == "micro-time" and "." not in value and len(value) > 19:
            raise UnmarshalTypeError(
                f'parsing time "{value}" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "{value[19:]}" as ".000000"'
            )
        return _CHECKED[form](value)
    return value


def _quantity(value: Any) -> str:
    if isinstance(value, bool | list | dict):
        raise UnmarshalTypeError(SAYS)
    try:
        return canonical(str(value).strip())
    except ValueError as error:
        raise UnmarshalTypeError(str(error)) from None


def _bytes(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error:
        wrong = _BASE64.search(text)
        at = wrong.start() if wrong and text[wrong.start() :].strip("=") != "" else len(text)
        raise UnmarshalTypeError(f"illegal base64 data at input byte {at}") from None
    return text


def _time(text: str) -> str:
    return f"{_moment(text).strftime('%Y-%m-%dT%H:%M:%S')}Z"


def _micro_time(text: str) -> str:
    return f"{_moment(text, '.000000').strftime('%Y-%m-%dT%H:%M:%S.%f')}Z"


def _moment(text: str, fraction: str = "") -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        layout = f"2006-01-02T15:04:05{fraction}Z07:00"
        raise UnmarshalTypeError(f'parsing time "{text}" as "{layout}": cannot parse "{text}" as "2006"') from None


_CHECKED = {"byte": _bytes, "date-time": _time, "micro-time": _micro_time}
