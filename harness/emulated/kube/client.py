"""A small Kubernetes API client for the lab's own parts: list, watch, get, create, patch, put, delete; errors typed.

Works against our API server and against a real kube-apiserver (RFC 6902 and 7386 patches, the status subresource, 409 and 410).
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from typing import Any, Self

import aiohttp
import msgspec

from harness.emulated.kube.resources import ResourceMapping

Json = dict[str, Any]
JsonPatch = list[Json]

MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"


class StatusError(Exception):
    """The server's refusal: `code` (HTTP), `reason` (Status.reason), `text` (Status.message)."""

    def __init__(self, code: int, reason: str, text: str) -> None:
        super().__init__(f"{code} {reason}: {text}")
        self.code = code
        self.reason = reason
        self.text = text


class NotFoundError(StatusError):
    """404: the object (or the kind) is not there."""


class ConflictError(StatusError):
    """409 Conflict: the object was changed since the resourceVersion sent."""


class AlreadyExistsError(StatusError):
    """409 AlreadyExists."""


class GoneError(StatusError):
    """410: that resourceVersion is too old to watch from; list again."""


_TYPED = {404: NotFoundError, 409: ConflictError, 410: GoneError}


def _error(code: int, body: bytes) -> StatusError:
    try:
        status = msgspec.json.decode(body)
    except msgspec.DecodeError:
        status = {}
    reason, text = (status.get("reason", ""), status.get("message", "")) if isinstance(status, dict) else ("", "")
    typed = AlreadyExistsError if reason == "AlreadyExists" else _TYPED.get(code, StatusError)
    return typed(code, reason or "Unknown", text or body[:200].decode(errors="replace"))


class KubeClientLimits(msgspec.Struct, frozen=True):
    """How long an API server may take."""

    connect_seconds: float = 5.0
    call_seconds: float = 30.0
    """For one answer; a watch is dead when nothing comes for so long after its time is over."""
    watch_seconds: int = 300
    """What one watch is asked to last."""


class Client:
    """One identity at one API server. Use as an async context manager.

    `local_address` binds outgoing connections to that loopback address, so that servers see which side calls.
    """

    def __init__(  # noqa: PLR0913 - by name
        self,
        url: str,
        token: str = "",
        *,
        user_agent: str = "lab",
        local_address: str | None = None,
        tls: ssl.SSLContext | None = None,
        limits: KubeClientLimits | None = None,
    ) -> None:
        self._limits = limits or KubeClientLimits()
        self.url = url.rstrip("/")
        self._headers = {"User-Agent": user_agent, "Accept": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._local = (local_address, 0) if local_address else None
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the connection pool."""
        connector = aiohttp.TCPConnector(limit=0, local_addr=self._local, ssl=self._tls or True)
        timeout = aiohttp.ClientTimeout(total=self._limits.call_seconds, connect=self._limits.connect_seconds)
        self._session = aiohttp.ClientSession(connector=connector, headers=self._headers, timeout=timeout)
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Close every connection."""
        if self._session:
            await self._session.close()
            self._session = None

    @property
    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the client is used outside of its context: `async with Client(...)`")
        return self._session

    async def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        content: str = "application/json",
    ) -> Json:
        """One call; raises StatusError (or a subclass) for every answer of 400 and above."""
        data = None if body is None else msgspec.json.encode(body)
        headers = {"Content-Type": content} if data is not None else None
        async with self._http.request(method, self.url + path, data=data, params=query, headers=headers) as response:
            answer = await response.read()
            if response.status >= 400:
                raise _error(response.status, answer)
        decoded: Json = msgspec.json.decode(answer)
        return decoded

    async def get(self, resource: ResourceMapping, name: str, namespace: str | None = None) -> Json:
        """One object; NotFoundError if it is not there."""
        return await self.request("GET", resource.path(namespace, name))

    async def list_all(self, resource: ResourceMapping, namespace: str | None = None, *, selector: str = "") -> Json:
        """The whole list object: `items`, and `metadata.resourceVersion` to watch from."""
        return await self.request("GET", resource.path(namespace), query={"labelSelector": selector} if selector else None)

    async def create(self, resource: ResourceMapping, obj: Json) -> Json:
        """Create `obj` in its own namespace (its status is dropped where the kind has a status subresource)."""
        return await self.request("POST", resource.path(obj["metadata"].get("namespace")), obj)

    async def put(self, resource: ResourceMapping, obj: Json) -> Json:
        """Update everything but the status; ConflictError when `obj`'s resourceVersion is not the latest."""
        return await self.request("PUT", _object_path(resource, obj), obj)

    async def put_status(self, resource: ResourceMapping, obj: Json) -> Json:
        """Update the status only; ConflictError when `obj`'s resourceVersion is not the latest."""
        return await self.request("PUT", _object_path(resource, obj, "status"), obj)

    async def merge_patch(self, resource: ResourceMapping, obj: Json, patch: Json, *, subresource: str | None = None) -> Json:
        """RFC 7386 on the object named by `obj`'s metadata; None removes."""
        return await self.request("PATCH", _object_path(resource, obj, subresource), patch, content=MERGE_PATCH)

    async def json_patch(self, resource: ResourceMapping, obj: Json, patch: JsonPatch, *, subresource: str | None = None) -> Json:
        """RFC 6902 on the object named by `obj`'s metadata."""
        return await self.request("PATCH", _object_path(resource, obj, subresource), patch, content=JSON_PATCH)

    async def delete(self, resource: ResourceMapping, name: str, namespace: str | None = None) -> None:
        """Ask for deletion (finalizers may keep the object); NotFoundError if it is gone already."""
        await self.request("DELETE", resource.path(namespace, name))

    async def watch(
        self, resource: ResourceMapping, namespace: str | None = None, *, resource_version: str
    ) -> AsyncIterator[tuple[str, Json]]:
        """Events after `resource_version`: (ADDED|MODIFIED|DELETED|BOOKMARK, object), until the server ends the watch.

        Raises GoneError when the version is too old, aiohttp.ClientError when the line breaks: list again or resume.
        """
        query = {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": resource_version,
            "timeoutSeconds": str(self._limits.watch_seconds),
        }
        limits = self._limits
        silence_seconds = limits.watch_seconds + limits.call_seconds
        timeout = aiohttp.ClientTimeout(total=None, connect=limits.connect_seconds, sock_read=silence_seconds)
        async with self._http.get(self.url + resource.path(namespace), params=query, timeout=timeout) as response:
            if response.status >= 400:
                raise _error(response.status, await response.read())
            async for line in _lines(response.content):
                event = msgspec.json.decode(line)
                if event["type"] == "ERROR":
                    raise _error(event["object"].get("code", 500), msgspec.json.encode(event["object"]))
                yield event["type"], event["object"]


def _object_path(resource: ResourceMapping, obj: Json, subresource: str | None = None) -> str:
    return resource.path(obj["metadata"].get("namespace"), obj["metadata"]["name"], subresource)


async def _lines(stream: asyncio.StreamReader | aiohttp.StreamReader) -> AsyncIterator[bytes]:
    """Lines of any length (an object may be longer than a stream's own line limit)."""
    rest = b""
    while chunk := await stream.read(1 << 16):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if line.strip():
                yield line
