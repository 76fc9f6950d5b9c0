"""What a client accepts and what it sends: media types, bodies, Status answers."""

from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import yaml
from aiohttp import web

from harness.emulated.apiserver.errors import ApiError, bad_request, not_acceptable, unsupported_media_type
from harness.emulated.apiserver.kinds import Json
from harness.emulated.apiserver.protobuf import MAGIC, ProtobufError, decode_unknown

JSON, YAML, PROTOBUF = "application/json", "application/yaml", "application/vnd.kubernetes.protobuf"
OFFERS = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
BODY_BYTES_MAX = 3 * 1024 * 1024
View = Literal["object", "table", "partial"]

encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class MediaType:
    """One member of an Accept header, or a Content-Type."""

    name: str
    parameters: dict[str, str]


def media_types(header: str) -> list[MediaType]:
    """The members of a header in their order."""
    return [_media_type(part) for part in header.split(",") if part.strip()]


def _media_type(part: str) -> MediaType:
    name, *parameters = (each.strip() for each in part.split(";"))
    pairs = (each.partition("=") for each in parameters)
    return MediaType(name.lower(), {key.strip().lower(): value.strip().strip('"') for key, _, value in pairs})


_VIEWS: dict[str, View] = {"Table": "table", "PartialObjectMetadata": "partial", "PartialObjectMetadataList": "partial"}


def view(accept: str) -> View:
    """How objects are to be shown: the first JSON form of Accept that is served; raises ApiError 406."""
    for each in media_types(accept or JSON):
        shape = each.parameters.get("as")
        if each.name in {JSON, "*/*", "application/*"} and (shape is None or shape in _VIEWS):
            return _VIEWS[shape] if shape else "object"
    raise not_acceptable(JSON)


def flag(request: web.Request, name: str) -> bool | None:
    """A yes-or-no parameter of the query, None when absent: anything but `false` and `0` is yes."""
    value = request.query.get(name)
    return None if value is None else value.lower() not in {"false", "0"}


async def read_body(request: web.Request) -> Any:
    """The decoded body; None when it is empty. Raises ApiError 400, 413 or 415."""
    raw = await request.read()
    if len(raw) > BODY_BYTES_MAX:
        raise ApiError(413, "RequestEntityTooLarge", f"Request entity too large: limit is {BODY_BYTES_MAX}")
    return decode(raw, request.headers.get("Content-Type", JSON)) if raw else None


def decode(raw: bytes, content_type: str) -> Any:
    """JSON, YAML or a protobuf envelope as plain data."""
    name = _media_type(content_type).name
    try:
        if name == PROTOBUF or raw.startswith(MAGIC):
            return decode_unknown(raw)
        if name.endswith("yaml"):
            return yaml.safe_load(raw)
        if name in {JSON, "*/*", "text/plain", "application/octet-stream"} or name.endswith("+json"):
            return msgspec.json.decode(raw)
    except (ProtobufError, yaml.YAMLError, msgspec.DecodeError) as error:
        raise bad_request(f"the object provided is unrecognized (must be of type Json, Yaml or Protobuf): {error}") from error
    raise unsupported_media_type(OFFERS)


def json_answer(body: bytes | Json, code: int = 200, warnings: list[str] | None = None) -> web.Response:
    """A JSON answer; each warning becomes a `Warning: 299` header."""
    payload = body if isinstance(body, bytes) else encode(body)
    answer = web.Response(body=payload, status=code, headers={"Content-Type": JSON})
    for text in warnings or ():
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        answer.headers.add("Warning", f'299 - "{quoted}"')
    return answer


def error_answer(error: ApiError) -> web.Response:
    """The `Status` of a failed request."""
    answer = json_answer(error.status(), error.code)
    if "retryAfterSeconds" in error.details:
        answer.headers["Retry-After"] = str(error.details["retryAfterSeconds"])
    return answer
