"""What a client accepts and what it is sent: media types, views of objects, Status answers."""

from typing import Literal, NamedTuple

import msgspec
import yaml
from aiohttp import web

from harness.emulated.apiserver.kinds.errors import ApiError, Json, bad_request, not_acceptable
from harness.emulated.apiserver.wire import protobuf

JSON, YAML, PROTOBUF = "application/json", "application/yaml", protobuf.MEDIA_TYPE
OFFERS = (JSON, YAML, PROTOBUF)
STREAMS = (f"{JSON};stream=watch", f"{PROTOBUF};stream=watch")
WARNINGS = web.RequestKey("warnings", list)
"""What an answer to this request warns of, be it an error or not."""
DEPRECATED = web.RequestKey("deprecated", tuple)
"""What is told to whoever asks for a resource that is going to go."""
View = Literal["object", "table", "partial"]

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder().decode


class MediaType(NamedTuple):
    """One member of an Accept header, or a Content-Type."""

    name: str
    parameters: dict[str, str]


class ResponseFormat(NamedTuple):
    """The form of an answer: media type, view, the meta version of a table or partial object, and what a table's rows bear."""

    media: str = JSON
    view: View = "object"
    meta: str = "v1"
    include: str = ""
    many: bool = False
    """A partial view of a list was asked for, not of one object."""


def media_types(header: str) -> list[MediaType]:
    """The members of an Accept header, which are tried in this order."""
    return [media_type(part) for part in header.split(",") if part.strip()]


def media_type(part: str) -> MediaType:
    """A media type with its parameters."""
    name, *parameters = (each.strip() for each in part.split(";"))
    pairs = (each.partition("=") for each in parameters)
    return MediaType(name.lower(), {key.strip().lower(): value.strip().strip('"') for key, _, value in pairs})


_VIEWS: dict[str, View] = {"Table": "table", "PartialObjectMetadata": "partial", "PartialObjectMetadataList": "partial"}


def accepted(request: web.Request, *, custom: bool, stream: bool = False) -> ResponseFormat:
    """The first form of Accept that is served; raises ApiError 406. A custom resource itself has no protobuf."""
    header = request.headers.get("Accept", "")
    asked = media_types(header) or [MediaType("*/*", {})]
    for each in asked:
        shape = each.parameters.get("as")
        media = _offered(each.name, (JSON, PROTOBUF) if stream else OFFERS)
        if media and _fits(each, shape) and not (media == PROTOBUF and ((custom and not shape) or shape == "Table")):
            view = _VIEWS[shape] if shape else "object"
            include = request.query.get("includeObject", "") if view == "table" else ""
            return ResponseFormat(
                media, view, each.parameters.get("v", "v1"), _included(include), shape == "PartialObjectMetadataList"
            )
    raise not_acceptable(", ".join(STREAMS if stream else OFFERS))


def _fits(asked: MediaType, shape: str | None) -> bool:
    if shape is None:
        return True
    return shape in _VIEWS and asked.parameters.get("g") == "meta.k8s.io" and asked.parameters.get("v") in {"v1", "v1beta1"}


def _included(text: str) -> str:
    if text not in {"", "Metadata", "Object", "None"}:
        raise bad_request(f"Unable to convert to Table as requested: includeObject: Invalid value: {text}")
    return text


def _offered(name: str, offers: tuple[str, ...]) -> str:
    """The first offer that a name, or `*/*`, stands for; `application/*` is not read by upstream's router."""
    if name in {"*/*", "application/*"}:
        return offers[0] if name == "*/*" else ""
    return name if name in offers else ""


def flag(request: web.Request, name: str) -> bool | None:
    """A yes-or-no parameter of the query, None when absent: anything but `false` and `0` is yes."""
    value = request.query.get(name)
    return None if value is None else value.lower() not in {"false", "0"}


def rendered(media: str, body: bytes) -> bytes:
    """The JSON of an answer in another media type."""
    if media == JSON:
        return body
    if media == YAML:
        return yaml.safe_dump(decode(body), default_flow_style=False).encode()
    return protobuf.encode_unknown(decode(body))


def answer(form: ResponseFormat, body: bytes | Json, code: int = 200, warnings: list[str] | None = None) -> web.Response:
    """An answer in the form accepted; each warning becomes a `Warning: 299` header."""
    payload = body if isinstance(body, bytes) else encode(body)
    made = web.Response(body=rendered(form.media, payload), status=code, headers={"Content-Type": form.media})
    for text in warnings or ():
        made.headers.add("Warning", _warning(text))
    return made


def _warning(text: str) -> str:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'299 - "{quoted}"'


def json_answer(body: bytes | Json, code: int = 200) -> web.Response:
    """An answer as JSON, whatever is accepted."""
    return answer(ResponseFormat(), body, code)


def error_answer(request: web.Request, error: ApiError) -> web.Response:
    """The `Status` of a failed request, in the media type that is accepted."""
    plain = [each for each in media_types(request.headers.get("Accept", "")) if "as" not in each.parameters or each.name == JSON]
    asked = (_offered(each.name, OFFERS) for each in plain)
    made = answer(ResponseFormat(next((each for each in asked if each), JSON)), error.status(), error.code)
    for text in (*request.get(DEPRECATED, ()), *request.get(WARNINGS, ())):
        made.headers.add("Warning", _warning(text))
    if seconds := (error.details or {}).get("retryAfterSeconds"):
        made.headers["Retry-After"] = str(seconds)
    return made
