"""Errors as the API server says them: `Status` objects with a code, a reason and details that clients branch on."""

from typing import Any

import msgspec
from aiohttp import web

Json = dict[str, Any]
_encode = msgspec.json.Encoder().encode


class ApiError(Exception):
    """A failed request; `code` is the HTTP status, `status()` the `Status` object of the answer."""

    def __init__(self, code: int, reason: str, message: str, details: Json | None = None) -> None:
        super().__init__(message)
        self.code, self.reason, self.message, self.details = code, reason, message, details

    def status(self) -> Json:
        """The v1 `Status` that tells this error."""
        status: Json = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": self.message}
        if self.reason:
            status["reason"] = self.reason
        if self.details is not None:
            status["details"] = self.details
        return status | {"code": self.code}


def qualified(plural: str, group: str) -> str:
    """`baremetalhosts.metal3.io`; core resources have no dot."""
    return f"{plural}.{group}" if group else plural


def _details(name: str, group: str, kind: str, **more: Any) -> Json:
    """Those that are not empty."""
    return {key: value for key, value in {"name": name, "group": group, "kind": kind, **more}.items() if value}


def not_found(plural: str, group: str, name: str) -> ApiError:
    """404: no object of that name."""
    return ApiError(404, "NotFound", f'{qualified(plural, group)} "{name}" not found', _details(name, group, plural))


def path_not_found() -> web.HTTPNotFound:
    """404 of a path that is not served: plain text, as upstream's mux answers."""
    return web.HTTPNotFound(text="404 page not found\n")


def already_exists(plural: str, group: str, name: str, *, deleting: bool = False) -> ApiError:
    """409 of a create."""
    before = "object is being deleted: " if deleting else ""
    return ApiError(
        409, "AlreadyExists", f'{before}{qualified(plural, group)} "{name}" already exists', _details(name, group, plural)
    )


MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


def conflict(plural: str, group: str, name: str, why: str = MODIFIED) -> ApiError:
    """409 of an update, patch or delete whose precondition does not hold."""
    text = f'Operation cannot be fulfilled on {qualified(plural, group)} "{name}": {why}'
    return ApiError(409, "Conflict", text, _details(name, group, plural))


def cause(reason: str, field: str, message: str) -> Json:
    """One member of `details.causes`."""
    return {"reason": reason, "message": message, "field": field}


def shown(value: Any) -> str:
    """A value as error texts show it: text quoted as Go quotes it, everything else as JSON."""
    if not isinstance(value, str):
        return _encode(value).decode()
    plain = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(each if each.isprintable() else _escaped(each) for each in plain) + '"'


def _escaped(character: str) -> str:
    named = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return named.get(character) or (f"\\x{ord(character):02x}" if ord(character) < 128 else f"\\u{ord(character):04x}")


def invalid_value(field: str, value: Any, why: str) -> Json:
    """The cause that a value is wrong."""
    return cause("FieldValueInvalid", field, f"Invalid value: {shown(value)}: {why}")


def required(field: str, why: str = "") -> Json:
    """The cause that a value is missing."""
    return cause("FieldValueRequired", field, f"Required value{f': {why}' if why else ''}")


def forbidden_cause(field: str, why: str) -> Json:
    """The cause that something may not be."""
    return cause("FieldValueForbidden", field, f"Forbidden: {why}")


def unsupported(field: str, value: Any, supported: list[str]) -> Json:
    """The cause that a value is none of those known."""
    known = ", ".join(shown(each) for each in supported)
    return cause("FieldValueNotSupported", field, f"Unsupported value: {shown(value)}: supported values: {known}")


def invalid(kind: str, group: str, name: str, causes: list[Json]) -> ApiError:
    """422 with all causes; the text is theirs, joined as upstream does."""
    texts = [*dict.fromkeys(f"{each['field']}: {each['message']}" for each in causes)]
    text = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    group = "" if kind == "Event" else group  # upstream validates Events of both groups as one
    message = f'{qualified(kind, group)} "{name}" is invalid: {text}'
    return ApiError(422, "Invalid", message, _details(name, group, kind, causes=causes))


def bad_options(kind: str, *causes: Json) -> ApiError:
    """422 of wrong options in a query or body."""
    return invalid(kind, "meta.k8s.io", "", list(causes))


def bad_request(message: str) -> ApiError:
    """400."""
    return ApiError(400, "BadRequest", message)


def forbidden(plural: str, group: str, name: str, why: str, causes: list[Json] | None = None) -> ApiError:
    """403 with its reason in words."""
    message = f'{qualified(plural, group)} "{name}" is forbidden: {why}'
    return ApiError(403, "Forbidden", message, _details(name, group, plural, causes=causes))


def unauthorized() -> ApiError:
    """401: no bearer token, or a wrong one."""
    return ApiError(401, "Unauthorized", "Unauthorized")


def method_not_allowed() -> ApiError:
    """405."""
    return ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {})


def resource_not_found() -> ApiError:
    """404 of a path below a built-in group that is not served."""
    return ApiError(404, "NotFound", "the server could not find the requested resource", {})


def not_acceptable(offers: str) -> ApiError:
    """406: nothing in Accept that is served."""
    return ApiError(406, "NotAcceptable", f"only the following media types are accepted: {offers}")


def unsupported_media_type(offers: str) -> ApiError:
    """415: a body of a type that is not read here."""
    text = f"the body of the request was in an unknown format - accepted media types include: {offers}"
    return ApiError(415, "UnsupportedMediaType", text)


def expired(message: str) -> ApiError:
    """410: the resource version or continue token is older than the history kept."""
    return ApiError(410, "Expired", message)


def too_large_version(asked: int, current: int) -> ApiError:
    """504: a resource version from the future."""
    details = {"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}], "retryAfterSeconds": 1}
    return ApiError(504, "Timeout", f"Timeout: Too large resource version: {asked}, current: {current}", details)
