"""One API server as we ask it: read, write, list in pages, stream, and find which path serves a kind.

Created by `client.open_cluster`. Every call has a limit in seconds and raises `ClusterError`, and nothing else, for whatever the
wire or the server does. Writes are sent once: whether to try again is for the step that knows what it wrote.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, NamedTuple, Protocol, TypeVar

import aiohttp
import msgspec
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from harness.journal.facts import Body
from harness.kube.discovery import ApiResource, GroupList, ResourceList, root
from harness.kube.errors import ClusterEndpoint, ClusterError, refusal, silent, unreached

ANSWER_SECONDS = 30.0
PAGE_ITEMS = 500
JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
GONE = 410
SEVERED = "we cut our own connections, as a fault"

Params = Mapping[str, str]
Shape = TypeVar("Shape")


class ClusterCredentials(Protocol):
    """The credentials of a cluster, renewable."""

    options: dict[str, Any]
    """What each request needs besides (aiohttp's `proxy`, `server_hostname`)."""

    async def authorization(self) -> str:
        """The Authorization header's value, empty for none."""
        ...

    async def renew(self, refused: str) -> bool:
        """Load credentials again; True if they differ from the refused one."""
        ...


class Listing(NamedTuple):
    """A whole list: the version that it is the state of, and its items as they came."""

    version: str
    items: Sequence[msgspec.Raw]


class Lines:
    """The body of a stream, line by line."""

    def __init__(self, cluster: "KubeCluster", content: aiohttp.StreamReader, asked: str, idle_seconds: float) -> None:
        self._cluster = cluster
        self._content = content
        self._asked = asked
        self._idle_seconds = idle_seconds

    async def next(self) -> bytes:
        """The next line with its newline; without one where the stream ended in the middle of it; empty at the end.

        Not to be cancelled and called again: what was read of a line would be lost.
        """
        with self._cluster.wire(self._asked, self._idle_seconds):
            return await self._content.readline()


class _Request(NamedTuple):
    method: str
    path: str
    params: Params
    data: bytes | None = None
    content_type: str = JSON
    headers: Mapping[str, str] = {}
    is_quoted: bool = False
    """Is the path, with its query, quoted as it is to be sent?"""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class _PageMeta(msgspec.Struct, rename={"resource_version": "resourceVersion", "token": "continue"}):
    resource_version: str
    token: str = ""


class _ListPage(msgspec.Struct):
    metadata: _PageMeta
    items: list[msgspec.Raw] | None = None


class KubeCluster:
    """One API server; `place` tells its name, kubeconfig and URL."""

    def __init__(self, place: ClusterEndpoint, session: aiohttp.ClientSession, credentials: ClusterCredentials) -> None:
        self.place = place
        self._session = session
        self._credentials = credentials
        self._streams: set[aiohttp.ClientResponse] = set()
        self._severed = 0
        self._cuts = 0

    async def get_json(self, path: str, params: Params | None = None) -> Body:
        """GET one object, or any JSON document."""
        return await self._body(_Request("GET", path, params or {}))

    async def create(self, path: str, body: Body, params: Params | None = None) -> Body:
        """POST to a collection; the object as it was stored. Status 409, reason AlreadyExists, where it is there."""
        return await self._body(_Request("POST", path, params or {}, msgspec.json.encode(body)))

    async def put(self, path: str, body: Body, params: Params | None = None) -> Body:
        """Replace an object. Status 409, reason Conflict, where its resourceVersion is not the newest."""
        return await self._body(_Request("PUT", path, params or {}, msgspec.json.encode(body)))

    async def patch_merge(self, path: str, patch: Body, params: Params | None = None) -> Body:
        """Patch an object as RFC 7386 says: null removes."""
        return await self._body(_Request("PATCH", path, params or {}, msgspec.json.encode(patch), MERGE_PATCH))

    async def patch_json(self, path: str, operations: Sequence[Body], params: Params | None = None) -> Body:
        """Patch an object as RFC 6902 says; status 422 where a `test` does not hold."""
        return await self._body(_Request("PATCH", path, params or {}, msgspec.json.encode(operations), JSON_PATCH))

    async def delete(self, path: str, options: Body | None = None) -> Body:
        """DELETE an object; `options` is a DeleteOptions body (preconditions, propagationPolicy)."""
        return await self._body(_Request("DELETE", path, {}, msgspec.json.encode(options) if options else None))

    async def list_all(self, path: str, params: Params | None = None) -> list[Body]:
        """Every object of a collection, in one consistent state."""
        listing = await self.list_raw(path, params)
        return [msgspec.json.decode(item) for item in listing.items]

    async def list_raw(
        self, path: str, params: Params | None = None, *, page_items: int = PAGE_ITEMS, answer_seconds: float = ANSWER_SECONDS
    ) -> Listing:
        """The same, undecoded. `answer_seconds` is for each page.

        Consistent: no resourceVersion is asked for, so that the server may not answer from an old cache, and all pages are of the
        first one's version. Where that version expires between two pages, the list is asked for once more in one piece.
        """
        limited = {**(params or {}), "limit": str(page_items)}
        page = await self._page(path, limited, answer_seconds)
        items = page.items or []
        while page.metadata.token:
            try:
                page = await self._page(path, {**limited, "continue": page.metadata.token}, answer_seconds)
            except ClusterError as error:
                if error.status != GONE:
                    raise
                page = await self._page(path, params or {}, answer_seconds)
                items = []
            items += page.items or []
        return Listing(page.metadata.resource_version, items)

    async def version(self, path: str, *, answer_seconds: float = ANSWER_SECONDS) -> str:
        """The newest version of a collection: whatever changes after this call was sent has a greater one."""
        return (await self._page(path, {"limit": "1"}, answer_seconds)).metadata.resource_version

    @asynccontextmanager
    async def stream(
        self, path: str, params: Params | None = None, *, idle_seconds: float, answer_seconds: float = ANSWER_SECONDS
    ) -> AsyncIterator[Lines]:
        """The lines of an answer that goes on; a silence of `idle_seconds` is a ClusterError."""
        request = _Request("GET", path, params or {})
        with self.wire(str(request), answer_seconds):
            async with asyncio.timeout(answer_seconds):
                response = await self._ask(request, idle_seconds=idle_seconds)
        self._streams.add(response)
        try:
            yield Lines(self, response.content, str(request), idle_seconds)
        finally:
            self._streams.discard(response)
            response.close()

    async def forward(
        self, method: str, path: str, headers: Mapping[str, str], data: bytes, *, answer_seconds: float = ANSWER_SECONDS
    ) -> tuple[aiohttp.ClientResponse, bytes]:
        """Hand on somebody else's request with our credentials; the API server's own answer, whatever it is, and its body.

        `path` is quoted and has its query. The headers must not hold an authorization.
        """
        request = _Request(method, path, {}, data or None, headers=headers, is_quoted=True)
        with self.wire(str(request), answer_seconds):
            async with asyncio.timeout(answer_seconds), await self._authorized(request) as response:
                return response, await response.read()

    @asynccontextmanager
    async def severed(self) -> AsyncIterator[None]:
        """A fault: our open streams break, and no request gets through, until the block ends. The server is not touched."""
        self._severed += 1
        self._cuts += 1
        for response in self._streams:
            if response.connection is not None and response.connection.transport is not None:
                response.connection.transport.abort()
        try:
            yield
        finally:
            self._severed -= 1

    async def resource(self, group: str, kind: str) -> ApiResource | None:
        """Where a kind is served, in its group's preferred version if that has it; None where discovery proves that it is not.

        The empty group is the core group.
        """
        for version in (await self.groups()).versions(group) if group else ["v1"]:
            if found := (await self.resources(group, version)).find(group, version, kind):
                return found
        return None

    async def groups(self) -> GroupList:
        """All groups that are served. The whole list: only that proves a group's absence; a 404 for one can come from any proxy."""
        return await self._decoded("/apis", GroupList)

    async def resources(self, group: str, version: str) -> ResourceList:
        """The resources of one group and version."""
        return await self._decoded(root(group, version), ResourceList)

    async def _page(self, path: str, params: Params, answer_seconds: float) -> _ListPage:
        return await self._decoded(path, _ListPage, params, answer_seconds)

    async def _decoded(
        self, path: str, shape: type[Shape], params: Params | None = None, answer_seconds: float = ANSWER_SECONDS
    ) -> Shape:
        request = _Request("GET", path, params or {})
        answer = await self._bytes(request, answer_seconds)
        try:
            return msgspec.json.decode(answer, type=shape)
        except ValueError as error:
            raise self._nonsense(request, error) from error

    async def _body(self, request: _Request) -> Body:
        answer = await self._bytes(request)
        try:
            return msgspec.json.decode(answer, type=Body)
        except ValueError as error:
            raise self._nonsense(request, error) from error

    async def _bytes(self, request: _Request, answer_seconds: float = ANSWER_SECONDS) -> bytes:
        with self.wire(str(request), answer_seconds):
            async with asyncio.timeout(answer_seconds), await self._ask(request) as response:
                return await response.read()

    async def _ask(self, request: _Request, idle_seconds: float | None = None) -> aiohttp.ClientResponse:
        """The successful response to a request, its body unread."""
        response = await self._authorized(request, idle_seconds)
        if 200 <= response.status <= 299:
            return response
        async with response:
            body = await response.read()
        raise refusal(self.place, str(request), response, body)

    async def _authorized(self, request: _Request, idle_seconds: float | None = None) -> aiohttp.ClientResponse:
        """The response to a request, whatever it is, its body unread; credentials that are refused are loaded again, once."""
        authorization = await self._credentials.authorization()
        response = await self._send(request, authorization, idle_seconds)
        if response.status == 401 and await self._credentials.renew(authorization):
            response.release()
            response = await self._send(request, await self._credentials.authorization(), idle_seconds)
        return response

    async def _send(self, request: _Request, authorization: str, idle_seconds: float | None) -> aiohttp.ClientResponse:
        if self._severed:
            raise ConnectionAbortedError(SEVERED)
        cuts = self._cuts
        headers = {**request.headers, **({"Authorization": authorization} if authorization else {})}
        if request.data is not None:
            headers.setdefault("Content-Type", request.content_type)
        response = await self._session.request(
            request.method,
            URL(self.place.address + request.path, encoded=request.is_quoted),
            params=request.params,
            data=request.data,
            headers=headers,
            allow_redirects=False,  # no API server redirects; whoever does should not be shown our token
            timeout=aiohttp.ClientTimeout(total=None, sock_read=idle_seconds),
            **self._credentials.options,
        )
        if cuts != self._cuts:
            response.close()
            raise ConnectionAbortedError(SEVERED)
        return response

    @contextmanager
    def wire(self, asked: str, seconds: float) -> Iterator[None]:
        """Turn whatever the wire does within the block into a ClusterError."""
        try:
            yield
        except TimeoutError as error:
            raise silent(self.place, asked, seconds) from error
        except (aiohttp.ClientError, HttpProcessingError, OSError) as error:
            raise unreached(self.place, asked, error) from error

    def _nonsense(self, request: _Request, error: ValueError) -> ClusterError:
        says = f"answered {request} with something else than Kubernetes would ({error}); is this address an API server?"
        return ClusterError(self.place, says)
