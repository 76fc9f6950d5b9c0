"""The middleware that writes down every request, and the masking of what must not be written."""

import json
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bmc.machine import Machine
from bmc.redfish.service.sessions import SessionStore
from bmc.request_log import LoggedRequest

BODY_CHARACTERS = 4096
MASK = "***"
_SECRET_WORDS = ("password", "token", "secret", "httpheaders")
_DESTINATION = "Destination"
"""Of an event subscription: whoever knows its path can send events there."""


def recorder(machine: Machine, sessions: SessionStore) -> Middleware:
    """A middleware that logs each request together with its status.

    A request is handled once its body is complete, without awaiting anything, so the log's order is the order of effect. A
    streamed answer is logged when it begins (`note`).
    """

    @web.middleware
    async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
        data = await request.read()
        body = masked(data.decode(errors="replace")) if data else ""
        request[_WHO] = user, _ = sessions.user_of(request)
        request[_NOTED] = noted = _Noted(machine, request, user or _named_user(body), body)
        response = await handler(request)
        noted(response.status)
        return response

    return record


class _Noted:
    """Logs one request once."""

    def __init__(self, machine: Machine, request: web.Request, user: str, body: str) -> None:
        self._machine = machine
        self._request = request
        self._user = user
        self._body = body
        self._done = False

    def __call__(self, status: int) -> None:
        if self._done:
            return
        self._done = True
        request, log = self._request, self._machine.requests
        log.append(
            LoggedRequest(
                id=log.next_id,
                created=self._machine.clock(),
                address=request.remote or "",
                user_agent=request.headers.get("User-Agent", ""),
                user=self._user,
                method=request.method,
                path=request.path,
                status=status,
                body=self._body,
            )
        )


_WHO: web.RequestKey[tuple[str, bool]] = web.RequestKey("who", tuple)
_NOTED: web.RequestKey[_Noted] = web.RequestKey("noted", _Noted)


def is_known(request: web.Request) -> bool:
    """Is the client authenticated?"""
    return request[_WHO][1]


def note(request: web.Request, status: int) -> None:
    """Log a request now, before its answer is complete."""
    request[_NOTED](status)


def masked(text: str) -> str:
    """A request's body, fit to be shown: secrets masked, at most BODY_CHARACTERS long; empty where it is no JSON."""
    try:
        body = json.loads(text)
    except ValueError:
        return ""
    return json.dumps(_mask(body))[:BODY_CHARACTERS]


def _mask(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _mask_member(key, each) for key, each in value.items()}
    if isinstance(value, list):
        return [_mask(each) for each in value]
    return _without_userinfo(value) if isinstance(value, str) else value


def _mask_member(key: str, value: Any) -> Any:
    if _is_secret(key):
        return MASK
    if key == _DESTINATION and isinstance(value, str):
        scheme, separator, rest = value.partition("://")
        return f"{scheme}{separator}{rest.partition('/')[0].rpartition('@')[2]}/{MASK}"
    return _mask(value)


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
