"""Redfish error answers (DSP0266 §8.6)."""

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


def unauthorized() -> web.Response:
    """401: no credentials, or wrong ones."""
    headers = {"WWW-Authenticate": 'Basic realm="Redfish"'}
    return error(401, "NoValidSession", "There is no valid session established with the implementation.", headers=headers)


def malformed() -> web.Response:
    """400: the body is no JSON object."""
    return error(400, "MalformedJSON", "The request body submitted was malformed JSON and could not be parsed.")


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
