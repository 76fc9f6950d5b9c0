"""Watches: every change after a version, in order, as lines of JSON."""

import asyncio
from collections import deque

from aiohttp import web

from harness.emulated.apiserver import views
from harness.emulated.apiserver.errors import ApiError, cause, expired, invalid, too_large_version
from harness.emulated.apiserver.kinds import Json, Resource
from harness.emulated.apiserver.negotiation import JSON, View, encode, flag
from harness.emulated.apiserver.negotiation import view as view_of
from harness.emulated.apiserver.reading import selection_of, version_of
from harness.emulated.apiserver.routes import Target
from harness.emulated.apiserver.selectors import Selection
from harness.emulated.apiserver.store import Change, Compacted, Store, Stored, Type

TIMEOUT_SECONDS = 3600.0
BOOKMARK_SECONDS = 60.0
BOOKMARK_BEFORE_END_SECONDS = 2.0
PENDING_CHANGES_MAX = 20_000
INITIAL_EVENTS_END = {"k8s.io/initial-events-end": "true"}


class Watcher:
    """One stream: what is to be sent, and what wakes it."""

    def __init__(self, store: Store, resource: Resource, selection: Selection, view: View) -> None:
        self.store, self.resource, self.selection, self.view = store, resource, selection, view
        self.pending: deque[Change] = deque()
        self.wake = asyncio.Event()
        self.ended = False
        self._columns_sent = False

    def hear(self, change: Change) -> None:
        """Take a change from the store; a client too slow for its changes loses the stream and has to resume."""
        if change.table != self.resource.table:
            return
        self.pending.append(change)
        if len(self.pending) > PENDING_CHANGES_MAX:
            self.ended = True
        self.wake.set()

    def end(self) -> None:
        """End the stream cleanly."""
        self.ended = True
        self.wake.set()

    def lines(self) -> bytes:
        """All that is pending, taken."""
        changes = list(self.pending)
        self.pending.clear()
        self.wake.clear()
        return b"".join(self.line(change) for change in changes)

    def line(self, change: Change) -> bytes:
        """A change as this selection sees it: entering it is ADDED, leaving it is DELETED; empty when it sees nothing."""
        was = change.before is not None and self.selection.matches(change.before)
        if change.type == "DELETED":
            return self.event("DELETED", change.after) if was else b""
        if self.selection.matches(change.after):
            return self.event("MODIFIED" if was else "ADDED", change.after)
        return self._left(change) if was else b""

    def _left(self, change: Change) -> bytes:
        """The object as it was last seen, under the version of the change that took it away."""
        body = change.before.read() if change.before else {}
        body["metadata"]["resourceVersion"] = str(change.version)
        before = change.before or change.after
        left = Stored(
            before.key, before.uid, change.version, before.api_version, encode(body), before.labels, (), before.deleting
        )
        return self.event("DELETED", left)

    def event(self, kind: Type, stored: Stored) -> bytes:
        """One line."""
        shown = views.show(self.resource, stored, self.view, columns=not self._columns_sent)
        self._columns_sent = True
        return b'{"type":"' + kind.encode() + b'","object":' + shown + b"}\n"

    def initial(self) -> bytes:
        """All objects selected now, as ADDED."""
        found = sorted(self.store.table(self.resource.table).items(), key=lambda item: item[0])
        return b"".join(self.event("ADDED", stored) for _, stored in found if self.selection.matches(stored))

    def bookmark(self, annotations: dict[str, str] | None = None) -> bytes:
        """A BOOKMARK at the version now; nothing may be pending."""
        metadata: Json = {"resourceVersion": str(self.store.version), "creationTimestamp": None}
        if annotations:
            metadata["annotations"] = annotations
        kind, api_version = self.resource.kind, self.resource.api_version
        if self.view != "object":
            kind, api_version = ("Table" if self.view == "table" else "PartialObjectMetadata"), views.META
        body: Json = {"kind": kind, "apiVersion": api_version, "metadata": metadata}
        if self.view == "table":
            body |= {"columnDefinitions": None, "rows": []}
        return encode({"type": "BOOKMARK", "object": body}) + b"\n"


class Watches:
    """All streams of one server."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: set[Watcher] = set()

    def end_all(self) -> None:
        """End every stream, as a server that stops does."""
        for watcher in tuple(self._open):
            watcher.end()

    async def serve(self, request: web.Request, target: Target) -> web.StreamResponse:
        """Stream until the client goes, its timeoutSeconds are over or the server stops; raises ApiError before the first line."""
        watcher = Watcher(self._store, target.resource, selection_of(request, target), view_of(request.headers.get("Accept", "")))
        begin = _begin(watcher, request)
        stop = self._store.listen(watcher.hear)
        self._open.add(watcher)
        try:
            return await _stream(request, watcher, begin)
        finally:
            stop()
            self._open.discard(watcher)


def _begin(watcher: Watcher, request: web.Request) -> bytes:
    """The first lines: the initial events, the changes since the version asked for, or the error that it is too old."""
    text = request.query.get("resourceVersion", "")
    version, store = version_of(text), watcher.store
    send_initial = flag(request, "sendInitialEvents")
    _check_match(request, send_initial=send_initial)
    if version > store.version:
        raise too_large_version(version, store.version)
    if send_initial:
        return watcher.initial() + (watcher.bookmark(INITIAL_EVENTS_END) if flag(request, "allowWatchBookmarks") else b"")
    if version == 0:
        return b"" if send_initial is False else watcher.initial()
    try:
        return b"".join(watcher.line(change) for change in store.changes(watcher.resource.table, version))
    except Compacted:
        watcher.end()
        return error_line(expired(f"too old resource version: {version} ({store.compacted})"))


def error_line(error: ApiError) -> bytes:
    """An ERROR event."""
    return encode({"type": "ERROR", "object": error.status()}) + b"\n"


def _check_match(request: web.Request, *, send_initial: bool | None) -> None:
    match, wrong = request.query.get("resourceVersionMatch", ""), ""
    field = "resourceVersionMatch"
    if send_initial is not None and not match:
        wrong = "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
    elif match and send_initial is None:
        wrong = "Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
    if wrong:
        raise invalid("ListOptions", "meta.k8s.io", "", [cause("FieldValueForbidden", field, wrong)])


async def _stream(request: web.Request, watcher: Watcher, begin: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": JSON})
    response.enable_chunked_encoding()
    await response.prepare(request)
    if begin:
        await response.write(begin)
    clock = asyncio.get_running_loop().time
    end = clock() + float(request.query.get("timeoutSeconds") or TIMEOUT_SECONDS)
    marks = flag(request, "allowWatchBookmarks") is True
    next_mark = min(clock() + BOOKMARK_SECONDS, end - BOOKMARK_BEFORE_END_SECONDS)
    while not watcher.ended and clock() < end:
        await _wait(watcher.wake, (min(next_mark, end) if marks and next_mark > clock() else end) - clock())
        if lines := watcher.lines():
            await response.write(lines)
        if marks and next_mark <= clock() < end:
            await response.write(watcher.bookmark())
            next_mark = _after(next_mark, end)
    await response.write_eof()
    return response


def _after(mark: float, end: float) -> float:
    last = end - BOOKMARK_BEFORE_END_SECONDS
    return min(mark + BOOKMARK_SECONDS, last) if mark < last else end


async def _wait(wake: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(max(seconds, 0)):
            await wake.wait()
    except TimeoutError:
        return
