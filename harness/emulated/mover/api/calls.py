"""One API server as a mover calls it: a fresh discovery before every operation, JSON, no watches."""

import json
import os
import re
from typing import Any, Literal

import aiohttp

from harness.emulated.mover.api.kubeconfig import Access
from harness.emulated.mover.errors import MoveApiError, MoveError
from harness.emulated.mover.graph import Body
from harness.emulated.mover.log import MoverLog

REQUEST_SECONDS = 30
USER_AGENT = "clusterctl/v1.14.2 (linux/amd64)"

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
DISCOVERY = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
)

Hidden = Literal["default", "all", "none"]
_DEFAULT_HIDDEN = re.compile(
    r'metadata\.finalizers: ".*cluster\.x-k8s\.io.*": prefer a domain-qualified finalizer name.*|.* is deprecated; use .*'
)
_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')

Plurals = dict[tuple[str, str], str]


class MoveApiClient:
    """One API server. `operation()` begins each logical operation, as a new client does in clusterctl."""

    def __init__(self, access: Access, session: aiohttp.ClientSession, log: MoverLog, hidden: Hidden = "default") -> None:
        self._access = access
        self._session = session
        self._log = log
        self._hidden = hidden
        self._known: tuple[tuple[bytes, ...], Plurals] = ((), {})

    def operation(self) -> "Operation":
        """A client that has discovered nothing yet."""
        return Operation(self)

    async def request(
        self, method: str, path: str, *, accept: str = JSON, content_type: str = JSON, body: Any = None, **query: str
    ) -> bytes:
        """The answer's body; MoveApiError where the server refuses, MoveError where it cannot be reached."""
        url = f"{self._access.server}{path}"
        headers = {**self._access.headers, "Accept": accept, "User-Agent": USER_AGENT}
        data = None if body is None else json.dumps(body, separators=(",", ":")).encode()
        if data is not None:
            headers["Content-Type"] = content_type
        query["timeout"] = f"{REQUEST_SECONDS}s"
        try:
            async with self._session.request(
                method,
                url,
                params=query,
                data=data,
                headers=headers,
                ssl=self._access.tls or True,
                timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS),
            ) as answer:
                content = await answer.read()
                self._warn(answer)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise MoveError(f'{method.capitalize()} "{url}?timeout={REQUEST_SECONDS}s": {_cause(error)}') from error
        if answer.status >= 400:
            raise _refusal(answer.status, content)
        return content

    async def discover(self) -> Plurals:
        """(apiVersion, kind) -> path of the collection's last segment; read anew each time, decoded only when it differs."""
        try:
            documents = [await self.request("GET", path, accept=DISCOVERY) for path in ("/api", "/apis")]
            if b"APIGroupDiscoveryList" not in documents[0]:
                documents = [await self.request("GET", path) for path in _group_versions(documents[1])]
        except MoveError as error:
            raise MoveError(f"failed to get server groups: {error}") from error
        if tuple(documents) != self._known[0]:
            plurals: Plurals = {}
            for document in documents:
                plurals.update(_plurals(json.loads(document)))
            self._known = tuple(documents), plurals
        return self._known[1]

    def _warn(self, answer: aiohttp.ClientResponse) -> None:
        for header in answer.headers.getall("Warning", []):
            for text in _WARNING.findall(header):
                warning = text.replace('\\"', '"').replace("\\\\", "\\")
                if self._hidden == "all" or (self._hidden == "default" and _DEFAULT_HIDDEN.fullmatch(warning)):
                    continue
                self._log.say(f"[API Server Warning] {warning}")


class Operation:
    """One logical operation: discovers at its first call, then reads and writes objects by apiVersion and kind."""

    def __init__(self, server: MoveApiClient) -> None:
        self._server = server
        self._plurals: Plurals | None = None

    async def version(self) -> Body:
        """The server's version document."""
        return self._decoded(await self._server.request("GET", "/version"))

    async def get(self, api_version: str, kind: str, namespace: str, name: str, *, accept: str = JSON) -> Body:
        """One object."""
        path = await self._path(api_version, kind, namespace, name)
        return self._decoded(await self._server.request("GET", path, accept=accept))

    async def items(self, api_version: str, kind: str, namespace: str = "", **query: str) -> list[Body]:
        """A whole collection in one page, each with its apiVersion and kind."""
        path = await self._path(api_version, kind, namespace)
        found = self._decoded(await self._server.request("GET", path, **query)).get("items") or []
        return [{"apiVersion": api_version, "kind": kind, **item} for item in found]

    async def create(self, body: Body) -> Body:
        """POST a whole object."""
        path = await self._path(body["apiVersion"], body["kind"], body["metadata"].get("namespace", ""))
        return self._decoded(await self._server.request("POST", path, body=body))

    async def replace(self, body: Body) -> Body:
        """PUT a whole object over the one of its name."""
        return self._decoded(await self._server.request("PUT", await self._path_of(body), body=body))

    async def patch(self, body: Body, patch: Any, content_type: str = MERGE_PATCH) -> Body:
        """PATCH the object that `body` names."""
        path = await self._path_of(body)
        return self._decoded(await self._server.request("PATCH", path, body=patch, content_type=content_type))

    async def delete(self, body: Body) -> None:
        """DELETE the object that `body` names, as the server's default propagation has it."""
        options = {"kind": "DeleteOptions", "apiVersion": "v1"}
        await self._server.request("DELETE", await self._path_of(body), body=options)

    async def _path_of(self, body: Body) -> str:
        metadata = body["metadata"]
        return await self._path(body["apiVersion"], body["kind"], metadata.get("namespace", ""), metadata["name"])

    async def _path(self, api_version: str, kind: str, namespace: str, name: str = "") -> str:
        if self._plurals is None:
            self._plurals = await self._server.discover()
        plural = self._plurals.get((api_version, kind))
        if plural is None:
            raise MoveError(f'no matches for kind "{kind}" in version "{api_version}"')
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        middle = f"/namespaces/{namespace}" if namespace else ""
        return f"{root}{middle}/{plural}" + (f"/{name}" if name else "")

    def _decoded(self, content: bytes) -> Body:
        try:
            return dict(json.loads(content))
        except ValueError as error:
            raise MoveError(f"couldn't get version/kind; json parse error: {error}") from error


def _group_versions(groups: bytes) -> list[str]:
    names = [version["groupVersion"] for group in json.loads(groups).get("groups", []) for version in group["versions"]]
    return ["/api/v1", *(f"/apis/{name}" for name in names)]


def _plurals(document: Body) -> Plurals:
    if document.get("kind") == "APIResourceList":
        return {(document["groupVersion"], one["kind"]): one["name"] for one in document["resources"] if "/" not in one["name"]}
    return {
        (_api_version(group["metadata"].get("name", ""), version["version"]), one["responseKind"]["kind"]): one["resource"]
        for group in document.get("items", [])
        for version in group["versions"]
        for one in version.get("resources", [])
    }


def _api_version(group: str, version: str) -> str:
    return f"{group}/{version}" if group else version


def _refusal(status: int, content: bytes) -> MoveApiError:
    try:
        answer = json.loads(content)
        return MoveApiError(status, answer.get("reason", ""), answer.get("message") or f"the server answered {status}")
    except (ValueError, AttributeError):
        return MoveApiError(
            status, "", "the server could not find the requested resource" if status == 404 else f"unknown ({status})"
        )


def _cause(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        reason = os.strerror(error.os_error.errno) if error.os_error.errno else str(error.os_error)
        return f"dial tcp {error.host}:{error.port}: connect: {reason}".lower()
    if isinstance(error, TimeoutError):
        return "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
    return "EOF" if isinstance(error, aiohttp.ServerDisconnectedError) else str(error) or type(error).__name__
