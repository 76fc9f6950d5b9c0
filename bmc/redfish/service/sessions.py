"""Who asks: Basic authentication and Redfish sessions (DSP0266 §13)."""

import base64
import hmac
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from bmc.machine import Clock

SESSION_HEADER = "X-Auth-Token"


@dataclass
class RedfishSession:
    """One session; its token is the key. It ends when nobody `used` it for the time that the service allows."""

    id: str
    user: str
    token: str
    created: datetime
    used: datetime


class SessionStore:
    """The sessions of one BMC, and its users. `credentials` is read at every request, so a changed password counts at once.

    At most `limit` sessions are open at once; one that is not used for `idle_seconds` of the clock is closed.
    """

    def __init__(self, credentials: Mapping[str, str], clock: Clock, *, limit: int, idle_seconds: int) -> None:
        self._credentials = credentials
        self._clock = clock
        self._limit = limit
        self.idle_seconds = idle_seconds
        self._sessions: dict[str, RedfishSession] = {}
        self._created = 0

    def __iter__(self) -> Iterator[RedfishSession]:
        self._expire()
        return iter(tuple(self._sessions.values()))

    @property
    def users(self) -> tuple[str, ...]:
        """Who may log in."""
        return tuple(self._credentials)

    def accepts(self, user: str, password: str) -> bool:
        """Is this the password of that user?"""
        known = self._credentials.get(user)
        return known is not None and hmac.compare_digest(known.encode(), password.encode())

    def open(self, user: str) -> RedfishSession | None:
        """A new session for a user who has been accepted; None where every slot is taken."""
        self._expire()
        if len(self._sessions) >= self._limit:
            return None
        self._created += 1
        now = self._clock()
        session = RedfishSession(str(self._created), user, secrets.token_hex(16), now, now)
        self._sessions[session.id] = session
        return session

    def find(self, session_id: str) -> RedfishSession | None:
        """The session of that id."""
        return self._sessions.get(session_id)

    def close(self, session_id: str) -> bool:
        """End a session; False where there is none of that id."""
        return self._sessions.pop(session_id, None) is not None

    def clear(self) -> None:
        """End all sessions, as a restart of the BMC does."""
        self._sessions.clear()

    def user_of(self, request: web.Request) -> tuple[str, bool]:
        """The user named by a request (empty if none), and whether it is authenticated."""
        token = request.headers.get(SESSION_HEADER)
        if token is None:
            user, password = _basic(request.headers.get("Authorization", ""))
            return user, self.accepts(user, password)
        session = next((each for each in self if hmac.compare_digest(each.token.encode(), token.encode())), None)
        if session is None:
            return "", False
        session.used = self._clock()
        return session.user, True

    def _expire(self) -> None:
        if self._sessions:
            since = self._clock() - timedelta(seconds=self.idle_seconds)
            self._sessions = {name: each for name, each in self._sessions.items() if each.used >= since}


def _basic(header: str) -> tuple[str, str]:
    """User and password of an Authorization header (RFC 7617); both empty where it is none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return user, password
