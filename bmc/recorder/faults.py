"""The faults that a recorder can inject: which requests they match, and what they do to them or to their answers.

A fault before forwarding keeps the request from the BMC; a fault after it lets the BMC execute the request and corrupts or drops
the answer to the client. No I/O here.
"""

import asyncio
import random
import re
from collections.abc import Iterator
from typing import Any, Literal, get_args

import msgspec

from bmc.recorder.log.records import READING

FaultKind = Literal[
    "latency",
    "hang",
    "refuse",
    "drop",
    "lose_reply",
    "unauthorized",
    "forbidden",
    "error",
    "busy",
    "garbage",
    "truncated",
    "null_power",
    "stale_power",
    "wrong_etag",
    "expired_session",
    "packet_loss",
    "lose_events",
    "double_events",
    "reorder_events",
]

BUSY_SECONDS = 5.0
LATENCY_SECONDS = 1.0
SHARE_LOST = 0.3
_TELLS_POWER = re.compile(r"/Systems/[^/]+/?|^/ipmi/Chassis/GetStatus$")

EVENT_KINDS = frozenset({"lose_events", "double_events", "reorder_events"})
"""Kinds of fault for a BMC's events, streamed or pushed through the recorder."""
IPMI_KINDS = frozenset(
    {"latency", "hang", "refuse", "drop", "lose_reply", "unauthorized", "forbidden", "error", "busy"}
    | {"garbage", "truncated", "stale_power", "expired_session", "packet_loss"}
)
"""Kinds of fault that work over IPMI."""
REDFISH_KINDS = frozenset(get_args(FaultKind)) - {"packet_loss"}

_NOT_OF_REQUESTS = {"refuse", "packet_loss", *EVENT_KINDS}

Refusal = tuple[int, str, str]
REFUSALS: dict[str, Refusal] = {
    "unauthorized": (401, "NoValidSession", "There is no valid session established with the implementation."),
    "expired_session": (401, "NoValidSession", "There is no valid session established with the implementation."),
    "forbidden": (403, "InsufficientPrivilege", "There are insufficient privileges for the account or credentials."),
    "wrong_etag": (412, "PreconditionFailed", "The ETag supplied did not match the current ETag of the resource."),
    "error": (500, "InternalError", "The request failed due to an internal service error."),
    "busy": (503, "ServiceTemporarilyUnavailable", "The service is temporarily unavailable."),
}
"""Kinds that answer in the BMC's place: status, message of the Base registry, text."""

SILENT = frozenset({"hang", "drop"})
SPOILING = frozenset({"lose_reply", "garbage", "truncated", "null_power", "stale_power"})
GARBAGE = b'{"@odata.id": "/redfish/v1", "Garbage": \x00\xff\xfe<html>}}'


class FaultSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What to inject, and into which requests. An empty matcher matches all; `bmc` may be empty if the recorder has one BMC only.

    `method`: an HTTP method, `CHANGES` for all that may change something. `path`: a regular expression found in the path.
    `client`: a client's name, its address, or a regular expression found in its User-Agent. `count`: number of requests to
    affect, 0: all. `seconds`: the latency, or the Retry-After of `busy`. `share`: the fraction of IPMI packets to drop.
    """

    kind: FaultKind
    bmc: str = ""
    method: str = ""
    path: str = ""
    client: str = ""
    count: int = 0
    seconds: float = -1.0
    share: float = SHARE_LOST

    def __post_init__(self) -> None:
        """Raises ValueError for contradictory or invalid values."""
        for pattern in (self.path, self.client):
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
        if self.count < 0:
            raise ValueError("a count is 0, for all, or more")
        if self.kind == "refuse" and (self.method or self.path or self.client or self.count):
            raise ValueError("a closed port refuses everybody: `refuse` takes no method, path, client or count")
        if not 0 < self.share <= 1:
            raise ValueError("a share is more than 0, and 1 at most")
        if self.kind == "packet_loss" and (self.method or self.path):
            raise ValueError("a network loses packets whatever is in them: `packet_loss` takes no method or path")

    @property
    def wait_seconds(self) -> float:
        """The latency, or the Retry-After."""
        return self.seconds if self.seconds >= 0 else BUSY_SECONDS if self.kind == "busy" else LATENCY_SECONDS


class RequestFacts(msgspec.Struct, frozen=True):
    """The properties of a request that faults match. `token` is the digest of the session's token, empty without one."""

    method: str
    path: str
    client: str
    address: str
    user_agent: str
    token: str = ""
    conditional: bool = False


class Fault:
    """One active fault. `applied` counts the requests affected; `healed` is set when the fault is removed."""

    def __init__(self, name: str, order: FaultSpec) -> None:
        self.name = name
        self.order = order
        self.applied = 0
        self.healed = asyncio.Event()
        self._first: dict[str, Any] = {}
        self._fresh: set[str] = set()
        self._chance = random.Random(0)  # noqa: S311 - a network's luck, the same in each run

    @property
    def spent(self) -> bool:
        """Has it affected `count` requests?"""
        return 0 < self.order.count <= self.applied

    def state(self) -> dict[str, Any]:
        """Specification and counter, for the control API."""
        return {"fault": self.name, "order": msgspec.to_builtins(self.order), "applied": self.applied, "spent": self.spent}

    def apply(self) -> None:
        """Count one more affected request."""
        self.applied += 1

    def fits(self, asked: RequestFacts) -> bool:
        """Does this request match, and is the fault not spent?"""
        return self.order.kind not in _NOT_OF_REQUESTS and self._fits(asked)

    def fits_events(self, asked: RequestFacts) -> bool:
        """Does it affect the events of this request, which opened a stream or made a subscription?"""
        return self.order.kind in EVENT_KINDS and self._fits(asked)

    def _fits(self, asked: RequestFacts) -> bool:
        order = self.order
        return (
            not self.spent
            and order.method in ("", asked.method, "" if asked.method in READING else "CHANGES")
            and re.search(order.path, asked.path) is not None
            and (not order.client or self._is_client(asked))
            and self._concerns(asked)
        )

    def opened(self, token: str) -> None:
        """Record a session opened after the fault was injected; it does not count as expired."""
        self._fresh.add(token)

    def spoil(self, path: str, body: bytes) -> bytes | None:
        """The body to send instead; None if this answer is not changed."""
        match self.order.kind:
            case "garbage":
                return GARBAGE
            case "truncated":
                return body[: len(body) // 2] if len(body) > 1 else None
            case "null_power":
                return _with_power(body, None)
            case "stale_power":
                return self._stale(path, body)
        return None

    def first_seen(self, what: str, value: Any) -> Any:
        """The first value seen under this name."""
        return self._first.setdefault(what, value)

    def loses(self, address: str, client: str) -> bool:
        """Does it lose this packet to or from a client?"""
        order = self.order
        meant = order.kind == "packet_loss" and not self.spent and order.client in ("", address, client)
        return meant and self._chance.random() < order.share

    def _is_client(self, asked: RequestFacts) -> bool:
        wanted = self.order.client
        return wanted in (asked.client, asked.address) or re.search(wanted, asked.user_agent) is not None

    def _concerns(self, asked: RequestFacts) -> bool:
        match self.order.kind:
            case "wrong_etag":
                return asked.conditional
            case "expired_session":
                return bool(asked.token) and asked.token not in self._fresh
            case "null_power" | "stale_power":
                return asked.method == "GET" and _TELLS_POWER.search(asked.path) is not None
        return True

    def _stale(self, path: str, body: bytes) -> bytes | None:
        """The body with the first PowerState seen at this path; None if that is still the value."""
        power = _power(body)
        if power is None:
            return None
        stale = self.first_seen(path, power)
        return _with_power(body, stale) if stale != power else None


class Faults:
    """The faults before one BMC, in the order in which they were put in."""

    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._faults.values()))

    def put(self, fault: Fault) -> None:
        """Activate a fault."""
        self._faults[fault.name] = fault

    def find(self, name: str) -> Fault | None:
        """The fault of that name."""
        return self._faults.get(name)

    def heal(self, name: str) -> Fault | None:
        """Remove a fault, and release requests that hang in it."""
        fault = self._faults.pop(name, None)
        if fault:
            fault.healed.set()
        return fault

    def fitting(self, asked: RequestFacts) -> list[Fault]:
        """The faults that match this request."""
        return [fault for fault in self._faults.values() if fault.fits(asked)]

    def fitting_events(self, asked: RequestFacts) -> list[Fault]:
        """The faults that match the events of this request."""
        return [fault for fault in self._faults.values() if fault.fits_events(asked)]

    def opened(self, token: str) -> None:
        """A session was opened."""
        for fault in self:
            fault.opened(token)


def refusal(fault: Fault) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body with which a refusing fault answers in the BMC's place."""
    status, message, text = REFUSALS[fault.order.kind]
    headers = {"Content-Type": "application/json"}
    if status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="Redfish"'
    if fault.order.kind == "busy":
        headers["Retry-After"] = f"{fault.order.wait_seconds:.0f}"
    return status, headers, redfish_error(message, text)


def redfish_error(message: str, text: str) -> bytes:
    """The body of an error answer with one message of the Base registry (DSP0266 §8.6)."""
    name = f"Base.1.18.{message}"
    info = {"MessageId": name, "Message": text, "MessageArgs": [], "MessageSeverity": "Critical", "Resolution": "Try again."}
    return msgspec.json.encode({"error": {"code": name, "message": text, "@Message.ExtendedInfo": [info]}})


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _power(body: bytes) -> Any:
    return _decoded(body).get("PowerState")


def _with_power(body: bytes, power: Any) -> bytes | None:
    value = _decoded(body)
    return msgspec.json.encode({**value, "PowerState": power}) if "PowerState" in value else None
