"""Bodies of requests: read, parsed, and brought into the type of the resource."""

import re
from dataclasses import dataclass
from typing import Any

import msgspec
import yaml
from aiohttp import web

from harness.emulated.apiserver.custom import schema
from harness.emulated.apiserver.kinds.decoding import ABSENT, KINDS, UnmarshalTypeError, decoded
from harness.emulated.apiserver.kinds.errors import (
    ApiError,
    Json,
    bad_request,
    invalid,
    invalid_value,
    unsupported_media_type,
)
from harness.emulated.apiserver.kinds.registry import ServedResource
from harness.emulated.apiserver.kinds.types import OBJECT_META
from harness.emulated.apiserver.wire.negotiation import JSON, OFFERS, PROTOBUF, YAML, decode, encode, media_type
from harness.emulated.apiserver.wire.protobuf import ProtobufError, decode_unknown

encode_sorted = msgspec.json.Encoder(order="sorted").encode
BODY_BYTES_MAX = 3 * 1024 * 1024
SUMMARY_BYTES = 30


@dataclass
class RequestBody:
    """A request body: its decoded value and its bytes."""

    value: Any = None
    raw: bytes = b""


class InvalidJsonError(ValueError):
    """Bytes that are neither JSON nor YAML; the text says why."""


async def read(request: web.Request) -> bytes:
    """The bytes of a body; raises ApiError 413."""
    raw = await request.read()
    if len(raw) > BODY_BYTES_MAX:
        raise ApiError(413, "RequestEntityTooLarge", f"Request entity too large: limit is {BODY_BYTES_MAX}")
    return raw


def parse_json(raw: bytes) -> Any:
    """JSON; raises InvalidJsonError."""
    try:
        return decode(raw)
    except msgspec.DecodeError as error:
        raise InvalidJsonError(str(error)) from None


def from_yaml(raw: bytes) -> Any:
    """YAML; raises InvalidJsonError."""
    try:
        return next(yaml.load_all(raw, _Loader), None)
    except yaml.YAMLError as error:
        raise InvalidJsonError(f"yaml: {error}") from None


class _Loader(yaml.SafeLoader):
    """YAML 1.1 as Go's library reads it: y and n are booleans, times stay text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.bool_values = {**yaml.SafeLoader.bool_values, "y": True, "n": False}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^[yYnN]$"), list("yYnN"))


def unmappable(value: Any) -> str:
    """The error for a value that should be an object."""
    return f"json: cannot unmarshal {KINDS[type(value)]} into Go value of type map[string]interface {{}}"


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
        return RequestBody(parse_json(raw), raw)
    except (InvalidJsonError, ProtobufError) as error:
        prefix = "couldn't get version/kind; json parse error: " if name == JSON else ""
        raise _unrecognized(resource, raw, f"{prefix}{error}") from None


def _protobuf(raw: bytes) -> Json:
    try:
        return decode_unknown(raw)
    except UnicodeDecodeError as error:
        raise ProtobufError(str(error)) from error


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
        raise _unrecognized(resource, raw, unmappable(value))
    body = dict(value or {})
    for key in ("apiVersion", "kind"):
        if not isinstance(body.get(key), str | None):
            said = f"json: cannot unmarshal {KINDS[type(body[key])]} into Go struct field .{key} of type string"
            raise _unrecognized(resource, raw, said)
    reset = not resource.custom and isinstance(body.get("metadata"), dict) and body["metadata"].get("managedFields") == []
    kind, api_version = body.pop("kind", None) or "", body.pop("apiVersion", None) or ""
    if resource.custom and not kind:
        missing = f"Object 'Kind' is missing in '{raw.decode(errors='replace')}'"
        raise unfitting(value, missing) if patched else _unrecognized(resource, raw, missing)
    wanted = api_version or ("" if resource.custom else resource.api_version)
    _check_type(resource, (wanted, kind or resource.kind), body, patched=patched)
    shown_whole = encode_sorted(value) if patched and resource.custom else b""
    unknown: list[str] = []
    try:
        body = _decoded(resource, body, unknown)
    except UnmarshalTypeError as error:
        raise unfitting(value, str(error), shown_whole) if patched else _unhandled(resource, str(error)) from None
    strict = [f'unknown field "{path}"' for path in unknown]
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
    """422: the patched object does not fit its type; `whole` is its text in the message."""
    return invalid("", "", "", [invalid_value("patch", (whole or encode(value)).decode(), why)])


def _check_type(resource: ServedResource, said: tuple[str, str], body: Json, *, patched: bool) -> None:
    """Raise ApiError 400, or 422 of a patch, for an object of another kind or version than the resource."""
    api_version, kind = said
    if said == (resource.api_version, resource.kind):
        return
    key, wanted = ("kind", resource.kind) if api_version == resource.api_version else ("apiVersion", resource.api_version)
    if patched or (resource.custom and key == "kind"):
        wrong = invalid_value(key, dict(zip(("apiVersion", "kind"), said, strict=True))[key], f"must be {wanted}")
        raise invalid(kind, api_version.rpartition("/")[0], (body.get("metadata") or {}).get("name", ""), [wrong])
    if resource.custom:
        expected = f"does not match the expected API version ({resource.api_version})"
        raise bad_request(f"the API version in the data ({api_version}) {expected}")
    why = f'no kind "{kind}" is registered for version "{api_version}" at this path'
    raise _unhandled(resource, why, kind, api_version.rpartition("/")[2])
