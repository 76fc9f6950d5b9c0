"""Which client sent a request: the user that it names, and the configured client that it matches."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from bmc.recorder.settings import Rule

TOKEN_HEADER = "X-Auth-Token"  # noqa: S105 - the name of a header
UNATTRIBUTED: Literal["unattributed"] = "unattributed"
SESSIONS_KEPT = 1000
_SESSIONS = "/sessionservice/sessions"

Login = Literal["basic", "session", "none"]
By = Literal["address", "user", "agent", "unattributed"]
_ORDER: tuple[By, ...] = ("address", "user", "agent")


class ClientNames:
    """Names clients by their source address, else by their credentials, else by their User-Agent.

    If rules of one kind match two clients, or no rule matches, the request is unattributed.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rules)

    def name(self, address: str, user: str, agent: str) -> tuple[str, By]:
        """The client's name (empty if unknown), and the kind of rule that matched."""
        for by in _ORDER:
            names = {rule.name for rule in self._rules if rule.by == by and rule.fits(address, user, agent)}
            if len(names) == 1:
                return names.pop(), by
            if names:
                break
        return "", UNATTRIBUTED


class SessionUsers:
    """The user of each session opened through the recorder, by its token's digest. Tokens are not stored."""

    def __init__(self) -> None:
        self._users: dict[str, str] = {}
        self._tokens: dict[str, str] = {}

    def opened(self, token: str, user: str, location: str) -> None:
        """A BMC gave this token to a user, for the session at `location`."""
        self.closed(location)
        self._users[_digest(token)] = user
        self._tokens[location.rstrip("/").rpartition("/")[2]] = _digest(token)
        if len(self._tokens) > SESSIONS_KEPT:
            self.closed(next(iter(self._tokens)))

    def closed(self, path: str) -> None:
        """The session at this path is no more."""
        self._users.pop(self._tokens.pop(path.rstrip("/").rpartition("/")[2], ""), None)

    def user(self, token: str) -> str:
        """Who opened the session; empty where that was not seen."""
        return self._users.get(_digest(token), "")

    def known(self, token: str) -> str:
        """The token's digest: a name that does not reveal it."""
        return _digest(token)


class ClientLogin(msgspec.Struct, frozen=True):
    """How a request authenticates: method, user, and the secrets it carries."""

    login: Login
    user: str
    secrets: tuple[str, ...]


def named(headers: Mapping[str, str], body_user: str, sessions: SessionUsers) -> ClientLogin:
    """Read the credentials of a request; `body_user` is the one who opens a session with it."""
    token = headers.get(TOKEN_HEADER, "")
    if token:
        return ClientLogin("session", sessions.user(token) or body_user, (token,))
    user, password, encoded = _basic(headers.get("Authorization", ""))
    if user:
        return ClientLogin("basic", user, tuple(part for part in (password, encoded) if part))
    return ClientLogin("none", body_user, (encoded,) if encoded else ())


def opens_session(method: str, path: str) -> bool:
    """Is this request a login?"""
    return method == "POST" and path.rstrip("/").lower().removesuffix("/members").endswith(_SESSIONS)


def closes_session(method: str, path: str) -> bool:
    """Is this request a logout?"""
    return method == "DELETE" and path.rstrip("/").lower().rpartition("/")[0].removesuffix("/members").endswith(_SESSIONS)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _basic(header: str) -> tuple[str, str, str]:
    """User, password and encoded form of an Authorization header (RFC 7617); the first two empty for another scheme."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", "", encoded
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return "", "", encoded
    return user, password, encoded
