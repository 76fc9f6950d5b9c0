"""Bodies of requests: read, parsed, and brought into the type of the resource, with the errors that Go's decoders tell."""

import json
import math
import re
from dataclasses import dataclass, field
from typing import Any

import msgspec
import yaml
from aiohttp import web

from harness.emulated.apiserver.custom import schema
from harness.emulated.apiserver.kinds.decoding import ABSENT, UnmarshalTypeError, decoded
from harness.emulated.apiserver.kinds.errors import (
    ApiError,
    Json,
    bad_request,
    cause,
    invalid,
    invalid_value,
    shown,
    unsupported_media_type,
)
from harness.emulated.apiserver.kinds.registry import BUILTINS, ServedResource
from harness.emulated.apiserver.kinds.types import OBJECT_META
from harness.emulated.apiserver.wire.negotiation import JSON, OFFERS, PROTOBUF, YAML, encode, media_type
from harness.emulated.apiserver.wire.protobuf import MAGIC, ProtobufError, decode_unknown

encode_sorted = msgspec.json.Encoder(order="sorted").encode
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BODY_BYTES_MAX = 3 * 1024 * 1024
SUMMARY_BYTES = 30
TYPE_META = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
_BUILTIN_KINDS = {(each.api_version, each.kind): each for each in BUILTINS}
_BUILTIN_KINDS |= {(each.api_version, f"{each.kind}List"): each for each in BUILTINS}


@dataclass
class RequestBody:
    """A request body: decoded value, raw bytes, paths of duplicate fields, and the text used in errors."""

    value: Any = None
    raw: bytes = b""
    twice: list[str] = field(default_factory=list)
    shown: bytes = b""


class InvalidJsonError(ValueError):
    """Bytes that are no JSON; the text is what Go's decoder says."""


class _Twice(dict[str, Any]):
    """A JSON object that had a key more than once."""

    keys_twice: list[str]


async def read(request: web.Request) -> bytes:
    """The bytes of a body; raises ApiError 413."""
    raw = await request.read()
    if len(raw) > BODY_BYTES_MAX:
        raise ApiError(413, "RequestEntityTooLarge", f"Request entity too large: limit is {BODY_BYTES_MAX}")
    return raw


def parse_json(raw: bytes) -> RequestBody:
    """JSON, with the paths of fields that it has twice; raises InvalidJsonError."""
    text = raw.decode(errors="replace")
    if raw.startswith(BYTE_ORDER_MARK):
        raise InvalidJsonError("invalid character 'ï' looking for beginning of value")
    try:
        value = json.loads(text, object_pairs_hook=_pairs, parse_int=_whole_number, parse_float=_number)
    except json.JSONDecodeError as error:
        raise InvalidJsonError(_go_words(error, text)) from None
    if "\\u" in text:
        value = _whole(value)
    return RequestBody(value, raw, list(_paths_twice(value, "")))


def _whole_number(text: str) -> int | float:
    """A number without fraction; one that is too large for 64 bits is no whole one."""
    return int(text) if -(1 << 63) <= int(text) < 1 << 63 else float(text)


def _number(text: str) -> float:
    if math.isinf(found := float(text)):
        raise UnmarshalTypeError(f"json: cannot unmarshal number {text} into Go value of type float64")
    return found


def _whole(value: Any) -> Any:
    """The value, with a mark for each half of a character that is escaped alone."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        for key in list(value):
            value[_whole(key)] = _whole(value.pop(key))
    return [_whole(each) for each in value] if isinstance(value, list) else value


def from_yaml(raw: bytes) -> Any:
    """YAML; raises InvalidJsonError."""
    try:
        return next(yaml.load_all(raw, _Loader), None)
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), str(getattr(error, "problem", "") or error)
        expected = re.match(r"expected (?:the )?(.*), but (?:found|got)", problem)
        line = mark.line + 1 if mark else 1
        if problem == "mapping values are not allowed here":
            where = f"line {line}: " if line > 1 else ""
            raise InvalidJsonError(f"yaml: {where}mapping values are not allowed in this context") from None
        raise InvalidJsonError(
            f"yaml: line {line}: " + (f"did not find expected {expected[1]}" if expected else problem)
        ) from None


class _Loader(yaml.SafeLoader):
    """YAML 1.1 as Go's library reads it: y and n are booleans, times stay text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.bool_values = {**yaml.SafeLoader.bool_values, "y": True, "n": False}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^[yYnN]$"), list("yYnN"))


def _pairs(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    twice = _Twice(found)
    twice.keys_twice = [name for name in found if names.count(name) > 1]
    return twice


def _paths_twice(value: Any, path: str) -> Any:
    if isinstance(value, _Twice):
        yield from (f"{path}.{name}" if path else name for name in value.keys_twice)
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        inner = f"{path}[{name}]" if isinstance(name, int) else f"{path}.{name}" if path else name
        yield from _paths_twice(member, inner)


_LITERALS = ("null", "true", "false")


def _broken_literal(literal: str, given: str) -> str:
    at = next((at for at, each in enumerate(given) if each != literal[at]), len(given))
    if at == len(given):
        return "unexpected end of JSON input"
    return f"invalid character {shown(given[at]).replace(chr(34), chr(39))} in literal {literal} (expecting '{literal[at]}')"


_WHERE = {
    "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
    "Illegal trailing comma before end of object": "looking for beginning of object key string",
    "Expecting value": "looking for beginning of value",
    "Extra data": "after top-level value",
    "Expecting ',' delimiter": "after object key:value pair",
    "Expecting ':' delimiter": "after object key",
}


def _go_words(error: json.JSONDecodeError, text: str) -> str:
    where = _WHERE.get(error.msg, "")
    if not where or error.pos >= len(text.rstrip()):
        return "unexpected end of JSON input"
    for literal in _LITERALS if error.msg == "Expecting value" and text[error.pos] in "ntf" else ():
        if text[error.pos] == literal[0]:
            return _broken_literal(literal, text[error.pos : error.pos + len(literal)])
    return f"invalid character {shown(text[error.pos]).replace(chr(34), chr(39))} {where}"


def unmappable(value: Any) -> str:
    """What Go's decoder says of a value that is no object."""
    name = {list: "array", str: "string", bool: "bool"}.get(type(value), "number")
    return f"json: cannot unmarshal {name} into Go value of type map[string]interface {{}}"


def received(resource: ServedResource, raw: bytes, content_type: str) -> RequestBody:
    """The object in a body of a create or update; raises ApiError 400 or 415."""
    name = media_type(content_type).name or JSON
    if name not in {JSON, YAML, PROTOBUF}:
        raise unsupported_media_type(", ".join(OFFERS))
    try:
        if name == YAML:
            return RequestBody(from_yaml(raw), raw)
        if name == PROTOBUF:
            return RequestBody(_protobuf(raw), raw)
        return parse_json(raw)
    except (InvalidJsonError, ProtobufError) as error:
        prefix = "couldn't get version/kind; json parse error: " if name == JSON else ""
        raise _unrecognized(resource, raw, f"{prefix}{error}") from None
    except UnmarshalTypeError as error:
        raise _unhandled(resource, str(error)) from None


def _protobuf(raw: bytes) -> Json:
    if not raw.startswith(MAGIC):
        prefix = " ".join(str(each) for each in MAGIC)
        raise ProtobufError(f"provided data does not appear to be a protobuf message, expected prefix [{prefix}]")
    try:
        return decode_unknown(raw)
    except (ProtobufError, UnicodeDecodeError) as error:
        raise ProtobufError("unexpected EOF" if "cut" in str(error) else str(error)) from error


def _unrecognized(resource: ServedResource, raw: bytes, why: str) -> ApiError:
    return bad_request(f"the object provided is unrecognized (must be of type {resource.kind}): {why} ({_summary(raw)})")


def _summary(raw: bytes) -> str:
    more = " ..." if len(raw) > SUMMARY_BYTES else ""
    short = raw[:SUMMARY_BYTES]
    return ((short.decode(errors="replace") if raw.startswith(b"{") else short.hex()) + more) if raw else "<empty>"


def typed(resource: ServedResource, sent: RequestBody, validation: str, warnings: list[str], *, patched: bool = False) -> Json:
    """The object as its type keeps it: unknown fields dropped, times in one form. Raises ApiError 400, or 422 of a patch."""
    value, raw = sent.value, sent.raw or encode(sent.value)
    if not isinstance(value, dict) and value is not None:
        kinds = {list: "array", str: "string", bool: "bool"}
        said = f"json: cannot unmarshal {kinds.get(type(value), 'number')} into Go value of type {TYPE_META}"
        raise _unrecognized(resource, raw, f"couldn't get version/kind; json parse error: {said}")
    body = dict(value or {})
    for key in ("apiVersion", "kind"):
        if body.get(key) is not None and not isinstance(body[key], str):
            kinds = {bool: "bool", list: "array", dict: "object"}
            said = f"json: cannot unmarshal {kinds.get(type(body[key]), 'number')} into Go struct field .{key} of type string"
            raise _unrecognized(resource, raw, f"couldn't get version/kind; json parse error: {said}")
    reset = not resource.custom and isinstance(body.get("metadata"), dict) and body["metadata"].get("managedFields") == []
    kind, api_version = body.pop("kind", None) or "", body.pop("apiVersion", None) or ""
    if resource.custom and not kind:
        missing = f"Object 'Kind' is missing in '{raw.decode(errors='replace')}'"
        raise unfitting(value, missing) if patched else _unrecognized(resource, raw, missing)
    wanted = api_version or ("" if resource.custom else resource.api_version)
    _check_type(resource, (wanted, kind or resource.kind), body, patched=patched)
    shown_whole = sent.shown or (encode_sorted(value) if patched and resource.custom else b"")
    unknown: list[str] = []
    try:
        body = _decoded(resource, body, unknown)
    except UnmarshalTypeError as error:
        raise unfitting(value, str(error), shown_whole) if patched else _unhandled(resource, str(error)) from None
    strict = [*(f'duplicate field "{path}"' for path in sent.twice), *(f'unknown field "{path}"' for path in unknown)]
    if strict and validation == "Strict":
        said = f"strict decoding error: {', '.join(strict)}"
        raise unfitting(value, said, shown_whole) if patched else _unhandled(resource, said)
    if reset:
        body["metadata"]["managedFields"] = [{}]
    if validation == "Warn":
        warnings += [each for each in strict if each not in warnings]
    return {"apiVersion": resource.api_version, "kind": resource.kind, **body}


def _decoded(resource: ServedResource, body: Json, unknown: list[str]) -> Json:
    if not resource.custom:
        whole: Json = decoded(resource.schema, body, "", unknown)
        return whole
    metadata = decoded(OBJECT_META, body.get("metadata"), "metadata", unknown)
    body["metadata"] = {} if metadata is ABSENT else metadata
    schema.prune(resource.schema, body, unknown)
    return body


def _unhandled(resource: ServedResource, why: str, kind: str = "", version: str = "") -> ApiError:
    kind, version = kind or resource.kind, version or resource.version
    return bad_request(f'{kind} in version "{version}" cannot be handled as a {resource.kind}: {why}')


def unfitting(value: Any, why: str, whole: bytes = b"") -> ApiError:
    """422: what a patch made of an object does not fit its type; `whole` is how it is shown."""
    return invalid("", "", "", [invalid_value("patch", (whole or encode(value)).decode(), why)])


def _check_type(resource: ServedResource, said: tuple[str, str], body: Json, *, patched: bool) -> None:
    api_version, kind = said
    if said == (resource.api_version, resource.kind):
        return
    if not resource.custom:
        known = _BUILTIN_KINDS.get(said)
        why = f'no kind "{kind}" is registered for version "{api_version}" in scheme "pkg/runtime/scheme.go:111"'
        if known or said == ("v1", "List"):
            internal = f"{resource.group.partition('.')[0] or 'core'}.{resource.kind}"
            why = f"converting ({api_version.rpartition('/')[2]}.{kind}) to ({internal}): unknown conversion"
        raise unfitting(body, why) if patched else _unhandled(resource, why, kind, api_version.rpartition("/")[2])
    name = (body.get("metadata") or {}).get("name", "")
    if api_version == resource.api_version:
        wrong = cause("FieldValueInvalid", "kind", f'Invalid value: "{kind}": must be {resource.kind}')
        raise invalid(kind, resource.group, name, [wrong])
    if patched:
        wrong = cause("FieldValueInvalid", "apiVersion", f'Invalid value: "{api_version}": must be {resource.api_version}')
        raise invalid(kind, api_version.rpartition("/")[0], name, [wrong])
    expected = f"does not match the expected API version ({resource.api_version})"
    raise bad_request(f"the API version in the data ({api_version}) {expected}")
