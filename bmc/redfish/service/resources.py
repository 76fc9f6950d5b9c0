"""What all resources of the emulated service have in common."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from aiohttp import web

from bmc.redfish.service.metadata import typed
from bmc.redfish.service.paths import Paths
from bmc.redfish.wire import REQUESTS_LOG
from bmc.request_log import LoggedRequest

Body = dict[str, Any]

ENABLED = {"State": "Enabled", "Health": "OK"}


@dataclass(frozen=True)
class WriteRequest:
    """A write that is asked for: the request, and the JSON object it carries (empty where it carries nothing)."""

    request: web.Request
    body: Body


Write = Callable[[WriteRequest], web.Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedfishResource:
    """One resource: how it is read, and what can be done to it, by HTTP method.

    A write is done at once and awaits nothing, so writes take effect in the order of the log. `answer` stands in for an ordinary
    GET where one does not do (pages of a collection, a stream). An action has no `read`.
    """

    read: Callable[[], Body] | None = None
    writes: Mapping[str, Write] = field(default_factory=dict)
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None

    @property
    def methods(self) -> tuple[str, ...]:
        """The HTTP methods it understands."""
        readable = ("GET", "HEAD") if self.read or self.answer else ()
        return (*readable, *self.writes)


class ResourceProvider(Protocol):
    """Some of the resources of a service."""

    def find(self, path: str) -> RedfishResource | None:
        """The resource at a path without a closing slash, if it is one of these."""
        ...


class Fixed:
    """A part whose paths never change."""

    def __init__(self, resources: Mapping[str, RedfishResource]) -> None:
        self._resources = resources

    def find(self, path: str) -> RedfishResource | None:
        """The resource at a path."""
        return self._resources.get(path)


def link(path: str) -> Body:
    """A reference to another resource."""
    return {"@odata.id": path}


def collection(path: str, kind: str, members: Iterable[Body], count: int | None = None) -> Body:
    """A resource collection; `count` where it has more members than are shown."""
    shown = list(members)
    return {
        "@odata.id": path,
        "@odata.type": f"#{kind}Collection.{kind}Collection",
        "Name": f"{kind} Collection",
        "Members": shown,
        "Members@odata.count": len(shown) if count is None else count,
    }


def links(paths: Iterable[str]) -> list[Body]:
    """References to several resources."""
    return [link(path) for path in paths]


def done() -> web.Response:
    """204: it is done."""
    return web.Response(status=204)


def log_service(path: str, name: str, title: str) -> Body:
    """A LogService without actions."""
    return {
        "@odata.id": path,
        "@odata.type": typed("LogService"),
        "Id": name,
        "Name": title,
        "LogEntryType": "Event",
        "OverWritePolicy": "WrapsWhenFull",
        "ServiceEnabled": True,
        "Status": ENABLED,
        "Entries": link(f"{path}/Entries"),
    }


def log_entry(folder: str, number: int, created: datetime, message: str) -> Body:
    """One LogEntry."""
    return {
        "@odata.id": f"{folder}/{number}",
        "@odata.type": typed("LogEntry"),
        "Id": str(number),
        "Name": f"Entry {number}",
        "EntryType": "Event",
        "Severity": "OK",
        "Created": created.isoformat(),
        "Message": message,
    }


def requests_log(where: Paths) -> Body:
    """The LogService of requests."""
    return log_service(where.requests, REQUESTS_LOG, "Requests made to this BMC")


def entry(where: Paths, logged: LoggedRequest) -> Body:
    """One LogEntry of the requests; what its `MessageArgs` hold is in bmc.redfish.wire."""
    said = (logged.address, logged.user_agent, logged.user, logged.method, logged.path, str(logged.status), logged.body)
    message = f"{logged.method} {logged.path} {logged.status}"
    return {**log_entry(where.entries, logged.id, logged.created, message), "MessageArgs": list(said)}
