"""The middleware that writes down every request, and the masking of what must not be written."""

import json
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bmc.machine import Machine
from bmc.redfish.service.sessions import Sessions
from bmc.request_log import LoggedRequest

BODY_CHARACTERS = 4096
MASK = "***"
_SECRET_WORDS = ("password", "token", "secret")


def recorder(machine: Machine, sessions: Sessions) -> Middleware:
    """A middleware that logs each request together with its status.

    The body is complete before a request counts as made, and nothing is awaited from then on: handlers answer at once.
    So the order of the log is the order in which requests took effect.
    """

    @web.middleware
    async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
        body = masked((await request.read()).decode(errors="replace"))
        user, _ = sessions.user_of(request)
        log = machine.requests
        response = await handler(request)
        log.append(
            LoggedRequest(
                id=log.next_id,
                created=machine.clock(),
                address=request.remote or "",
                user_agent=request.headers.get("User-Agent", ""),
                user=user or _named_user(body),
                method=request.method,
                path=request.path,
                status=response.status,
                body=body,
            )
        )
        return response

    return record


def masked(text: str) -> str:
    """A request's body, fit to be shown: secrets masked, at most BODY_CHARACTERS long; empty where it is no JSON."""
    try:
        body = json.loads(text)
    except ValueError:
        return ""
    return json.dumps(_mask(body))[:BODY_CHARACTERS]


def _mask(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: MASK if _is_secret(key) else _mask(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_mask(each) for each in value]
    return _without_userinfo(value) if isinstance(value, str) else value


def _is_secret(key: str) -> bool:
    return any(word in key.lower() for word in _SECRET_WORDS)


def _without_userinfo(text: str) -> str:
    if "://" not in text or "@" not in text:
        return text
    try:
        parts = urlsplit(text)
    except ValueError:
        return MASK
    return urlunsplit(parts._replace(netloc=f"{MASK}@{parts.netloc.rpartition('@')[2]}")) if "@" in parts.netloc else text


def _named_user(body: str) -> str:
    if not body:
        return ""
    try:
        name = json.loads(body)["UserName"]
    except (ValueError, KeyError, TypeError):
        return ""
    return name if isinstance(name, str) else ""
