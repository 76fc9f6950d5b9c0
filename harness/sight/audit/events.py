"""One event of an audit log (`audit.k8s.io/v1`): a write that was answered becomes a fact with its interval on our clock."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import msgspec

from harness.journal.facts import ApiWrite, Side

WRITES = frozenset({"create", "update", "patch", "delete", "deletecollection"})
ANSWERED = frozenset({"ResponseComplete", "Panic"})
"""The stages that end a request; an event comes once for each stage."""

SKIPPED = frozenset({"leases", "events", "endpoints", "endpointslices"})
"""What is written all the time and moves nothing."""

CLOCKS_DIFFER_SECONDS = 0.5
"""So far the clock of an API server's machine may be from ours."""
TEXT_CHARACTERS_MAX = 256


class AuditEventError(ValueError):
    """This is no event of an audit log; the text tells why."""


class AuditUser(msgspec.Struct, gc=False):
    """Who is logged in."""

    username: str = ""


class AuditObject(msgspec.Struct, rename="camel", gc=False):
    """What a request is about."""

    resource: str = ""
    namespace: str = ""
    name: str = ""
    subresource: str = ""


class AuditAnswer(msgspec.Struct, gc=False):
    """How it was answered."""

    code: int = 0


class AuditEvent(msgspec.Struct, rename="camel", gc=False):
    """The part of an event that is read; what it holds of bodies (at level Request) is not. An item of a list does not say its kind."""

    stage: str
    verb: str
    stage_timestamp: str
    kind: str = "Event"
    request_received_timestamp: str = ""
    request_uri: str = msgspec.field(default="", name="requestURI")
    user: AuditUser | None = None
    impersonated_user: AuditUser | None = None
    user_agent: str = ""
    object_ref: AuditObject | None = None
    response_status: AuditAnswer | None = None


class SeenWrite(NamedTuple):
    """A write, not before `since` and not after `at` (seconds)."""

    fact: ApiWrite
    since: float
    at: float


_decoder = msgspec.json.Decoder(AuditEvent)


class AuditReader:
    """Turns the events of one cluster into writes. `now` is the run's clock, `wall` the machine's (Unix seconds).

    An event is dated by its server. That clock may run ahead of ours: nothing is heard of before it happened, which bounds it.
    """

    def __init__(self, side: Side, now: Callable[[], float], wall: Callable[[], float] = time.time) -> None:
        self._side: Side = side
        self._now = now
        self._offset = now() - wall()

    def read(self, raw: bytes | msgspec.Raw) -> SeenWrite | None:
        """The write that this event tells of; None for any other event. Raises AuditEventError where it is none."""
        try:
            event = _decoder.decode(raw)
            ended = _seconds(event.stage_timestamp)
            began = _seconds(event.request_received_timestamp or event.stage_timestamp)
        except (ValueError, OverflowError) as error:
            raise AuditEventError(f"no event of an audit log: {error}"[:TEXT_CHARACTERS_MAX]) from error
        if event.kind != "Event":
            raise AuditEventError(f"no event of an audit log: its kind is {event.kind[:TEXT_CHARACTERS_MAX]!r}")
        if not _is_write(event):
            return None
        now = self._now()
        self._offset = min(self._offset, now - ended)
        since = began + self._offset - CLOCKS_DIFFER_SECONDS
        return SeenWrite(_fact(self._side, event), max(0.0, since), min(now, ended + self._offset + CLOCKS_DIFFER_SECONDS))


def _is_write(event: AuditEvent) -> bool:
    """Did this request write an object for good?"""
    about = event.object_ref
    written = event.stage in ANSWERED and event.verb in WRITES and "dryRun=All" not in event.request_uri
    return written and about is not None and about.resource not in SKIPPED and not about.resource.endswith("reviews")


def _fact(side: Side, event: AuditEvent) -> ApiWrite:
    about = event.object_ref or AuditObject()
    user = event.user.username if event.user else ""
    acting = f" as {event.impersonated_user.username}" if event.impersonated_user else ""
    return ApiWrite(
        cluster=side,
        user=f"{user}{acting}"[:TEXT_CHARACTERS_MAX],
        verb=event.verb,
        resource=about.resource[:TEXT_CHARACTERS_MAX],
        name=about.name[:TEXT_CHARACTERS_MAX],
        namespace=about.namespace[:TEXT_CHARACTERS_MAX],
        subresource=about.subresource[:TEXT_CHARACTERS_MAX],
        user_agent=event.user_agent[:TEXT_CHARACTERS_MAX],
        code=event.response_status.code if event.response_status else 0,
        time=event.stage_timestamp,
    )


def _seconds(moment: str) -> float:
    """Unix seconds of an RFC 3339 time. ValueError where it is none, or has no zone."""
    found = datetime.fromisoformat(moment)
    if found.tzinfo is None:
        raise ValueError(f"{moment!r} is no time with a zone")
    return found.timestamp()
