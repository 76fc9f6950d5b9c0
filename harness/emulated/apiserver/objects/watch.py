"""Watches: every change after a version, in order, as lines of JSON."""

import asyncio
from collections import deque

from aiohttp import web

from harness.emulated.apiserver.kinds.errors import expired, too_large_version
from harness.emulated.apiserver.kinds.registry import Json, ServedResource
from harness.emulated.apiserver.kinds.routes import RequestInfo
from harness.emulated.apiserver.objects import views
from harness.emulated.apiserver.objects.reading import check_match, selection_of, version_asked, whole_number
from harness.emulated.apiserver.store.clock import Clock
from harness.emulated.apiserver.store.selectors import Selection
from harness.emulated.apiserver.store.store import CompactedError, Store, Stored, StoreEvent, Type
from harness.emulated.apiserver.wire.negotiation import JSON, PROTOBUF, STREAMS, ResponseFormat, accepted, decode, encode, flag
from harness.emulated.apiserver.wire.protobuf import watch_frame

FUTURE_SECONDS = 3.0
"""How long upstream waits for a version that is not there yet."""
TIMEOUT_SECONDS = 3600.0
BOOKMARK_SECONDS = 60.0
BOOKMARK_BEFORE_END_SECONDS = 2.0
PENDING_CHANGES_MAX = 20_000
STREAMED = {PROTOBUF: STREAMS[1]}
INITIAL_EVENTS_END = {"k8s.io/initial-events-end": "true"}


class WatchStream:
    """One stream: what is to be sent, and what wakes it."""

    def __init__(self, store: Store, resource: ServedResource, selection: Selection, form: ResponseFormat, clock: Clock) -> None:
        self.store, self.resource, self.selection, self.form, self.clock = store, resource, selection, form, clock
        self.pending: deque[StoreEvent] = deque()
        self.wake = asyncio.Event()
        self.ended = False
        self._columns_sent = False

    def hear(self, change: StoreEvent) -> None:
        """Receive a change from the store; the stream of a client that is too slow is ended, and it has to resume."""
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

    def line(self, change: StoreEvent) -> bytes:
        """The watch event of a change for this selection; empty if unaffected. Entering it is ADDED, leaving it is DELETED."""
        was = change.before is not None and self.selection.matches(change.before)
        if change.type == "DELETED":
            return self.event("DELETED", change.after) if was else b""
        if self.selection.matches(change.after):
            return self.event("MODIFIED" if was else "ADDED", change.after)
        return self._left(change) if was else b""

    def _left(self, change: StoreEvent) -> bytes:
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
        shown = views.show(self.resource, stored, self.form, self.clock(), columns=not self._columns_sent)
        self._columns_sent = True
        return self.framed(kind, shown)

    def framed(self, kind: str, shown: bytes) -> bytes:
        """An event with this JSON object, as the client takes it."""
        if self.form.media == PROTOBUF:
            return watch_frame(kind, decode(shown))
        return b'{"type":"' + kind.encode() + b'","object":' + shown + b"}\n"

    def initial(self) -> bytes:
        """All objects selected now, as ADDED."""
        found = sorted(self.store.table(self.resource.table).items(), key=lambda item: item[0])
        return b"".join(self.event("ADDED", stored) for _, stored in found if self.selection.matches(stored))

    def bookmark(self, annotations: dict[str, str] | None = None) -> bytes:
        """A BOOKMARK at the version now; nothing may be pending."""
        metadata: Json = {"resourceVersion": str(self.store.version)}
        if annotations:
            metadata["annotations"] = annotations
        kind, api_version, view = self.resource.kind, self.resource.api_version, self.form.view
        if view != "object":
            kind, api_version = ("Table" if view == "table" else "PartialObjectMetadata"), f"meta.k8s.io/{self.form.meta}"
        body: Json = {"kind": kind, "apiVersion": api_version, "metadata": metadata}
        if view == "table":
            body |= {"columnDefinitions": None, "rows": []}
        return self.framed("BOOKMARK", encode(body))


class Watches:
    """All streams of one server."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._open: set[WatchStream] = set()

    def end_all(self) -> None:
        """End every stream, as a server that stops does."""
        for watcher in tuple(self._open):
            watcher.end()

    async def serve(self, request: web.Request, target: RequestInfo) -> web.StreamResponse:
        """Stream until the client goes, its timeoutSeconds are over or the server stops; raises ApiError before the first line."""
        form = accepted(request, custom=target.resource.custom, stream=True)
        whole_number(request, "timeoutSeconds")
        watcher = WatchStream(self._store, target.resource, selection_of(request, target), form, self._clock)
        if not await _reached(request, self._store):
            return web.Response(headers={"Content-Type": STREAMED.get(form.media, JSON)})
        begin = _begin(watcher, request)
        stop = self._store.listen(watcher.hear)
        self._open.add(watcher)
        try:
            return await _stream(request, watcher, begin)
        finally:
            stop()
            self._open.discard(watcher)


async def _reached(request: web.Request, store: Store) -> bool:
    """Whether the version asked for is there, or is still not there after as long as upstream waits; False: the watch ends before."""
    limit = float(request.query.get("timeoutSeconds") or TIMEOUT_SECONDS)
    if version_asked(request) <= store.version or limit >= FUTURE_SECONDS:
        return True
    await asyncio.sleep(limit)
    return version_asked(request) <= store.version


def _begin(watcher: WatchStream, request: web.Request) -> bytes:
    """The first lines: the initial events, the changes since the version asked for, or the error that it is too old."""
    version, store = version_asked(request), watcher.store
    send_initial = flag(request, "sendInitialEvents")
    check_match(request, watch=True)
    if version > store.version:
        raise too_large_version(version, store.version)
    if send_initial:
        return watcher.initial() + (watcher.bookmark(INITIAL_EVENTS_END) if flag(request, "allowWatchBookmarks") else b"")
    if version == 0:
        return b"" if send_initial is False else watcher.initial()
    try:
        return b"".join(watcher.line(change) for change in store.changes(watcher.resource.table, version))
    except CompactedError:
        watcher.end()
        error = expired(f"too old resource version: {version} ({store.compacted})")
        return watcher.framed("ERROR", encode(error.status()))


async def _stream(request: web.Request, watcher: WatchStream, begin: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": STREAMED.get(watcher.form.media, JSON)})
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
