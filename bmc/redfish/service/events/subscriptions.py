"""Event subscriptions: each has a queue that a stream or a push delivery reads."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bmc.redfish.service import paths
from bmc.redfish.service.errors import bad_value, missing_property
from bmc.redfish.service.metadata import typed
from bmc.redfish.service.resources import ENABLED, Body

QUEUED_EVENTS = 256
DESTINATION_CHARACTERS = 2000
CONTEXT_CHARACTERS = 256
STREAM = "SSE"
PUSH = "RedfishEvent"
RETRY_POLICIES = ("TerminateAfterRetries", "SuspendRetries", "RetryForever")
EVENT_TYPES = ("Alert",)


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """One subscription. `destination` is empty for a stream; None in the queue ends whatever takes from it."""

    id: str
    kind: str
    context: str = ""
    destination: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    verify: bool = False
    retry_policy: str = RETRY_POLICIES[0]
    queue: "asyncio.Queue[Body | None]" = field(default_factory=lambda: asyncio.Queue(QUEUED_EVENTS), compare=False)

    def put(self, event: Body) -> bool:
        """Queue an event; False where the queue is full."""
        try:
            self.queue.put_nowait(event)
        except asyncio.QueueFull:
            return False
        return True

    def end(self) -> None:
        """Nothing comes any more; what is queued is dropped."""
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)

    def shown(self) -> Body:
        """The EventDestination; its headers are never shown (they may be secret)."""
        return {
            "@odata.id": f"{paths.SUBSCRIPTIONS}/{self.id}",
            "@odata.type": typed("EventDestination"),
            "Id": self.id,
            "Name": f"Subscription {self.id}",
            "Destination": self.destination or None,
            "Protocol": "Redfish",
            "Context": self.context,
            "SubscriptionType": self.kind,
            "EventFormatType": "Event",
            "DeliveryRetryPolicy": self.retry_policy,
            "VerifyCertificate": self.verify,
            "HttpHeaders": [],
            "Status": ENABLED,
        }


def wanted(number: str, body: Body) -> Subscription | web.Response:
    """The push subscription that a POST asks for, or what is wrong with it."""
    for name in ("Destination", "Protocol"):
        if name not in body:
            return missing_property(name)
    wrong = next((name for name, fits in _FITS.items() if name in body and not fits(body[name])), None)
    if wrong is not None:
        return bad_value(wrong, "***" if wrong == "HttpHeaders" else body[wrong])
    return Subscription(
        id=number,
        kind=PUSH,
        context=body.get("Context", ""),
        destination=body["Destination"],
        headers=tuple((name, text) for each in body.get("HttpHeaders", []) for name, text in each.items()),
        verify=body.get("VerifyCertificate", False),
        retry_policy=body.get("DeliveryRetryPolicy", RETRY_POLICIES[0]),
    )


def _is_destination(value: object) -> bool:
    """Is this a URL that events can be sent to? Credentials do not belong into it, as bmcweb has it."""
    if not isinstance(value, str) or len(value) > DESTINATION_CHARACTERS:
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False


def _is_context(value: object) -> bool:
    return isinstance(value, str) and len(value) <= CONTEXT_CHARACTERS


def _are_headers(value: object) -> bool:
    """Is this a list of objects with a header each?"""
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        return False
    pairs = [(name, text) for each in value for name, text in each.items()]
    return all(isinstance(text, str) and text.isprintable() and _HEADER.fullmatch(name) for name, text in pairs)


def _are_event_types(value: object) -> bool:
    return isinstance(value, list) and all(each in EVENT_TYPES for each in value)


_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FITS: dict[str, Callable[[Any], bool]] = {
    "Destination": _is_destination,
    "Protocol": lambda value: value == "Redfish",
    "Context": _is_context,
    "HttpHeaders": _are_headers,
    "EventTypes": _are_event_types,
    "SubscriptionType": lambda value: value == PUSH,
    "EventFormatType": lambda value: value == "Event",
    "DeliveryRetryPolicy": lambda value: value in RETRY_POLICIES,
    "VerifyCertificate": lambda value: isinstance(value, bool),
}
"""What each property of a subscription may be; others are ignored, as most BMCs do."""
