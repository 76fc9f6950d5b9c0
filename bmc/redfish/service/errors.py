"""Redfish error answers (DSP0266 §8.6)."""

from collections.abc import Iterable

from aiohttp import web

_MESSAGES = "Base.1.18"


def error(
    status: int, message_id: str, text: str, *, arguments: tuple[str, ...] = (), headers: dict[str, str] | None = None
) -> web.Response:
    """An answer with one message of the Base registry; `text` is for people, `arguments` for programs."""
    name = f"{_MESSAGES}.{message_id}"
    info = {
        "@odata.type": "#Message.v1_2_0.Message",
        "MessageId": name,
        "Message": text,
        "MessageArgs": list(arguments),
        "MessageSeverity": "Critical",
        "Resolution": "Read the message and mend the request.",
    }
    body = {"error": {"code": name, "message": text, "@Message.ExtendedInfo": [info]}}
    return web.json_response(body, status=status, headers=headers)


def not_found(path: str) -> web.Response:
    """404: there is nothing at this path."""
    return error(404, "ResourceMissingAtURI", f"The resource at the URI '{path}' was not found.", arguments=(path,))


def not_allowed(methods: Iterable[str]) -> web.Response:
    """405: the resource is there, and this cannot be done to it."""
    text = "The HTTP method is not allowed on this resource."
    return error(405, "OperationNotAllowed", text, headers={"Allow": ", ".join(methods)})


def unauthorized() -> web.Response:
    """401: no credentials, or wrong ones."""
    headers = {"WWW-Authenticate": 'Basic realm="Redfish"'}
    return error(401, "NoValidSession", "There is no valid session established with the implementation.", headers=headers)


def no_more_sessions() -> web.Response:
    """503: every session slot is taken."""
    text = (
        "The session establishment failed due to the number of simultaneous sessions exceeding the limit of the implementation."
    )
    return error(503, "SessionLimitExceeded", text)


def precondition_failed() -> web.Response:
    """412: the resource is another by now, or the version of the protocol is not ours."""
    return error(412, "PreconditionFailed", "The ETag supplied did not match the current ETag of the resource.")


def query_not_supported() -> web.Response:
    """501: a query parameter that begins with `$` and is not known here (DSP0266 §7.3.1)."""
    return error(501, "QueryNotSupportedOnResource", "Querying is not supported on the requested resource.")


def malformed() -> web.Response:
    """400: the body is no JSON object."""
    return error(400, "MalformedJSON", "The request body submitted was malformed JSON and could not be parsed.")


def missing_property(name: str) -> web.Response:
    """400: something cannot be made without this property."""
    text = f"The property {name} is a required property and must be included in the request."
    return error(400, "PropertyMissing", text, arguments=(name,))


def missing_parameter(action: str, name: str) -> web.Response:
    """400: an action was asked for without something that it needs."""
    text = f"The action {action} requires the parameter {name} to be present in the request body."
    return error(400, "ActionParameterMissing", text, arguments=(action, name))


def bad_value(name: str, value: object) -> web.Response:
    """400: a property or parameter has a value that is not in its list."""
    text = f"The value '{value}' for the property {name} is not in the list of acceptable values."
    return error(400, "PropertyValueNotInList", text, arguments=(str(value), name))


def unknown_property(name: str) -> web.Response:
    """400: there is no such property, or it cannot be written."""
    text = f"The property {name} is a read-only property and cannot be assigned a value."
    return error(400, "PropertyNotWritable", text, arguments=(name,))
