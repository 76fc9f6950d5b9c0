"""One emulated API server: its address, its token, and who answers which path."""

from collections.abc import Awaitable, Callable, Sequence
from hashlib import blake2b
from typing import Any

from aiohttp import web

from harness.emulated.apiserver.access import reviews
from harness.emulated.apiserver.access.users import ADMIN, ANONYMOUS, READER, User, check_path, check_resource
from harness.emulated.apiserver.custom import definitions
from harness.emulated.apiserver.kinds import registry as kinds
from harness.emulated.apiserver.kinds.errors import (
    ApiError,
    method_not_allowed,
    path_not_found,
    unauthorized,
)
from harness.emulated.apiserver.kinds.registry import Json, Registry
from harness.emulated.apiserver.kinds.routes import RequestInfo, resolve
from harness.emulated.apiserver.objects import reading, scale, writing
from harness.emulated.apiserver.objects.garbage import Collector
from harness.emulated.apiserver.objects.watch import Watches
from harness.emulated.apiserver.objects.writes import ObjectWriter, Writing
from harness.emulated.apiserver.openapi import documents as openapi
from harness.emulated.apiserver.openapi.discovery import Discovery
from harness.emulated.apiserver.store.clock import Clock, system_clock
from harness.emulated.apiserver.store.metadata import Naming
from harness.emulated.apiserver.store.store import Store
from harness.emulated.apiserver.wire import health
from harness.emulated.apiserver.wire.negotiation import DEPRECATED, error_answer, flag, json_answer
from harness.emulated.apiserver.wire.protobuf import ProtobufError

SHUTDOWN_SECONDS = 1.0
HISTORY_ENTRIES_MAX = 20_000
REQUEST_BYTES_MAX = 4 * 1024 * 1024
NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
COMPRESSED_BYTES_MIN = 128 * 1024
UNSENT = {"Cache-Control": "no-cache, private"}
VERSION: Json = {
    "major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36", "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35", "gitVersion": "v1.36.3+emulated", "gitCommit": "unknown", "gitTreeState": "clean",
    "buildDate": "1970-01-01T00:00:00Z", "goVersion": "", "compiler": "", "platform": "linux/amd64",
}  # fmt: skip

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Verb = Callable[[ObjectWriter, web.Request, RequestInfo], Awaitable[web.StreamResponse]]
Middleware = Any
"""An aiohttp middleware; it sees every request before the server does."""


class ApiServer:
    """A Kubernetes API server in this process, spoken to over HTTP only.

    A wrong bearer token is refused. None at all is taken while `anonymous`, because client-go (kubectl, clusterctl) sends a
    kubeconfig's token only over TLS. `seed` and `name` decide the token and all uids. `history_entries_max` is how many
    changes a watch can resume over before it is told 410; `life` counts the clusters that had this name and token one after the other, each
    with uids of its own. `middlewares` come first at every request. Every time that the server tells,
    and every age, is of `clock`.
    """

    def __init__(  # noqa: PLR0913 -- what a server is made of
        self,
        name: str,
        *,
        seed: int = 1,
        middlewares: Sequence[Middleware] = (),
        history_entries_max: int = HISTORY_ENTRIES_MAX,
        anonymous: bool = True,
        clock: Clock = system_clock,
        life: int = 1,
    ) -> None:
        self.name, self.url = name, ""
        self.token, self.reader_token = (_token(f"{use}/{name}/{seed}") for use in ("token", "reader"))
        self._middlewares = tuple(middlewares)
        self._users = {self.token: ADMIN, self.reader_token: READER}
        self._reviewer = reviews.Reviewer(self._users, clock)
        self._without_token = ADMIN if anonymous else ANONYMOUS
        self._store, self._registry = Store(history_entries_max), Registry()
        naming = Naming(f"{name}/{seed}" if life == 1 else f"{name}/{seed}/{life}")
        self._objects = ObjectWriter(self._store, self._registry, naming, clock)
        self._discovery, self._openapi = Discovery(self._registry), openapi.OpenApi(self._registry)
        self._watches, self._collector = Watches(self._store, clock), Collector(self._objects)
        self._runner: web.AppRunner | None = None
        self._store.listen(lambda change: definitions.follow(self._registry, self._store, change))
        for namespace in NAMESPACES:
            self._objects.create(kinds.NAMESPACES, "", {"metadata": {"name": namespace}}, Writing("kube-apiserver"))

    async def start(self, host: str = "127.0.0.1", port: int = 0, *, reuse_port: bool = False) -> str:
        """Serve on a loopback address; port 0 takes a free one, `reuse_port` one that is held by a socket with SO_REUSEPORT. The URL."""
        application = web.Application(middlewares=[*self._middlewares, self._guard], client_max_size=REQUEST_BYTES_MAX)
        application.on_response_prepare.append(_finish)
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None, handler_cancellation=True, shutdown_timeout=SHUTDOWN_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port, reuse_port=reuse_port or None).start()
        bound_host, bound_port = self._runner.addresses[0][:2]
        self.url = f"http://{bound_host}:{bound_port}"
        self._collector.start()
        return self.url

    async def stop(self) -> None:
        """End all watches cleanly and close."""
        await self._collector.stop()
        self._watches.end_all()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def kubeconfig(self, *, reader: bool = False) -> Json:
        """A kubeconfig with one context, named like the server: of the administrator, or of the user who may only read."""
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": self.name,
            "clusters": [{"name": self.name, "cluster": {"server": self.url}}],
            "users": [{"name": self.name, "user": {"token": self.reader_token if reader else self.token}}],
            "contexts": [{"name": self.name, "context": {"cluster": self.name, "user": self.name}}],
        }

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer errors as a Status."""
        try:
            return _compressed(request, await handler(request))
        except ApiError as error:
            return error_answer(request, error)
        except ProtobufError as error:
            return error_answer(request, ApiError(406, "NotAcceptable", str(error)))

    def _user(self, request: web.Request) -> User:
        """The user of the bearer token; raises ApiError 401 for an unknown token."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return self._without_token
        if token not in self._users:
            raise unauthorized()
        return self._users[token]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        user, path = self._user(request), request.path.rstrip("/") or "/"
        if not _is_resource(path):
            check_path(user, request)
            return self._document(request, path)
        target = resolve(self._registry, path, request.method)
        check_resource(user, request, target)
        return await self._serve(request, target, user)

    def _document(self, request: web.Request, path: str) -> web.Response:
        """The answer of a path that is no resource."""
        if path == "/version":
            return json_answer(VERSION)
        if path == "/":
            return json_answer(self._discovery.root())
        if found := health.answer(path):
            return found
        if path.startswith("/openapi/"):
            return self._openapi.answer(request, path)
        if not _is_discovery(path):
            raise path_not_found()
        if request.method != "GET":
            raise method_not_allowed()
        return self._discovery.answer(request, path)

    async def _serve(self, request: web.Request, target: RequestInfo, user: User) -> web.StreamResponse:
        if target.resource.warning and (request.method == "GET" or "create" in target.resource.verbs):
            request[DEPRECATED] = (target.resource.warning,)
        if "get" not in target.resource.verbs:
            return await reviews.create(request, target, user, self._reviewer)
        if target.subresource == "scale" and request.method in {"GET", "PUT", "PATCH"}:
            return await scale.serve(self._objects, request, target)
        if request.method == "GET":
            return await self._read(request, target)
        return await _verb(request.method, target)(self._objects, request, target)

    async def _read(self, request: web.Request, target: RequestInfo) -> web.StreamResponse:
        if not target.name and flag(request, "watch"):
            return await self._watches.serve(request, target)
        return (reading.get if target.name else reading.list_collection)(self._objects, request, target)


def _token(seed: str) -> str:
    return blake2b(seed.encode(), digest_size=16).hexdigest()


async def _finish(_: web.Request, response: web.StreamResponse) -> None:
    """Add the headers that every answer has."""
    for name, value in UNSENT.items():
        response.headers.setdefault(name, value)


def _compressed(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Compress a large answer for clients that accept it."""
    body = response.body if isinstance(response, web.Response) else None
    if request.path.startswith("/openapi/v3"):
        return response
    if isinstance(body, bytes) and len(body) > COMPRESSED_BYTES_MIN and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.enable_compression(web.ContentCoding.gzip)
        response.headers["Vary"] = "Accept-Encoding"
    return response


def _is_resource(path: str) -> bool:
    parts = path.strip("/").split("/")
    return (parts[0] == "api" and len(parts) > 2) or (parts[0] == "apis" and len(parts) > 3)


def _is_discovery(path: str) -> bool:
    parts = path.strip("/").split("/")
    return path == "/" or (parts[0] == "api" and len(parts) <= 2) or (parts[0] == "apis" and len(parts) <= 3)


_OBJECT_VERBS: dict[str, Verb] = {"PUT": writing.replace, "PATCH": writing.change, "DELETE": writing.delete}
_COLLECTION_VERBS: dict[str, Verb] = {"POST": writing.create, "DELETE": writing.delete_collection}


def _verb(method: str, target: RequestInfo) -> Verb:
    """The function that serves a method; raises ApiError 405."""
    verb = (_OBJECT_VERBS if target.name else _COLLECTION_VERBS).get(method)
    wanted = "" if target.name else {"DELETE": "deletecollection", "POST": "create"}.get(method, "")
    if verb is None or (wanted and wanted not in target.resource.verbs) or (target.subresource and method == "DELETE"):
        raise method_not_allowed()
    return verb
