"""One emulated API server: its address, its token, and who answers which path."""

from collections.abc import Awaitable, Callable, Sequence
from hashlib import blake2b
from typing import Any

from aiohttp import web

from harness.emulated.apiserver.access import reviews
from harness.emulated.apiserver.access import users as access
from harness.emulated.apiserver.access.create_only_subresources import POSTS, Tokens
from harness.emulated.apiserver.access.rbac import Rbac
from harness.emulated.apiserver.custom import definitions
from harness.emulated.apiserver.kinds import registry as kinds
from harness.emulated.apiserver.kinds.errors import (
    ApiError,
    bad_request,
    method_not_allowed,
    not_found,
    path_not_found,
    shown,
    unauthorized,
    unsupported_verb,
)
from harness.emulated.apiserver.kinds.naming_rules import path_segment_problems
from harness.emulated.apiserver.kinds.registry import Json, Registry
from harness.emulated.apiserver.kinds.routes import SERVED_PARTS, RequestInfo, resolve
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
    changes a watch can resume over before it is told 410. `middlewares` come first at every request. Every time that the server tells,
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
    ) -> None:
        self.name, self.url = name, ""
        self.token = blake2b(f"token/{name}/{seed}".encode(), digest_size=16).hexdigest()
        self._middlewares = tuple(middlewares)
        self._credentials = {f"Bearer {self.token}", *((None,) if anonymous else ())}
        self._tokens: Tokens = {}
        self._store, self._registry = Store(history_entries_max), Registry()
        self._objects = ObjectWriter(self._store, self._registry, Naming(f"{name}/{seed}"), clock)
        self._rbac = Rbac(self._store)
        self._reviewer = reviews.Reviewer(self.token, self._rbac, clock)
        self._discovery, self._openapi = Discovery(self._registry), openapi.OpenApi(self._registry)
        self._watches, self._collector = Watches(self._store, clock), Collector(self._objects)
        self._runner: web.AppRunner | None = None
        self._store.listen(lambda change: definitions.follow(self._registry, self._store, change))
        for namespace in NAMESPACES:
            self._objects.create(kinds.NAMESPACES, "", {"metadata": {"name": namespace}}, Writing("kube-apiserver"))

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve on a loopback address; port 0 takes a free one. Returns the URL."""
        application = web.Application(middlewares=[*self._middlewares, self._guard], client_max_size=REQUEST_BYTES_MAX)
        application.on_response_prepare.append(_finish)
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None, handler_cancellation=True, shutdown_timeout=SHUTDOWN_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
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

    def kubeconfig(self) -> Json:
        """A kubeconfig with one context, named as the server."""
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": self.name,
            "clusters": [{"name": self.name, "cluster": {"server": self.url}}],
            "users": [{"name": self.name, "user": {"token": self.token}}],
            "contexts": [{"name": self.name, "context": {"cluster": self.name, "user": self.name}}],
        }

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Check the bearer token, and tell errors as Status."""
        given = request.headers.get("Authorization")
        try:
            scheme, _, bearer = (given or "").partition(" ")
            if given not in self._credentials and scheme.lower() == "bearer" and bearer and bearer not in self._tokens:
                raise unauthorized()
            return _compressed(request, await handler(request))
        except ApiError as error:
            return error_answer(request, error)
        except ProtobufError as error:
            return error_answer(request, ApiError(406, "NotAcceptable", str(error)))

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        given = request.headers.get("Authorization")
        account = self._tokens.get((given or "").removeprefix("Bearer "))
        user = account or access.user_of(request, known=given in self._credentials)
        path = request.path.rstrip("/") or "/"
        if (
            not _is_resource(path)
            and not self._rbac.allowed(user, access.AccessRequest(access.path_verb(request.method), request.path))[0]
        ):
            raise access.refused_path(user, request.method, request.path)
        if plain := self._plain(request, path):
            return plain
        if path.startswith("/openapi/"):
            return self._openapi.answer(request, path)
        if _is_discovery(path):
            if request.method != "GET" and path != "/apis":
                raise method_not_allowed()
            return self._discovery.answer(request, path)
        target = resolve(self._registry, path, request.method)
        if not self._rbac.allowed(user, access.asked(request, target))[0]:
            raise access.refused(user, request, target)
        _check_request(request, target)
        return await self._serve(request, target, user)

    def _plain(self, request: web.Request, path: str) -> web.Response | None:
        """The answer of a path that is neither discovery nor a resource."""
        if request.path.startswith("//"):
            raise path_not_found()
        if path == "/version" and request.method != "GET":
            raise method_not_allowed()
        if path == "/version":
            return json_answer(VERSION)
        if path in {"/", "/index.html"}:
            return json_answer(self._discovery.root())
        return health.answer(request, request.path)

    async def _serve(self, request: web.Request, target: RequestInfo, user: access.User) -> web.StreamResponse:
        if target.resource.warning and (request.method == "GET" or "create" in target.resource.verbs):
            request[DEPRECATED] = (target.resource.warning,)
        if request.method in {"HEAD", "OPTIONS", "TRACE"} or request.method not in _METHODS:
            raise unsupported_verb(target.resource, "") if target.resource.custom else method_not_allowed()
        if request.method == "POST" and (post := POSTS.get((target.resource.plural, target.subresource))):
            return await post(self._objects, request, target, self._tokens)
        if "get" not in target.resource.verbs:
            return await reviews.create(request, target, self._reviewer, user)
        if request.method == "GET" and (target.resource.plural, target.subresource) in POSTS:
            raise method_not_allowed()
        if target.subresource not in SERVED_PARTS or (not target.resource.has(target.subresource or "") and target.subresource):
            if nobody := self._without_node(target):
                return nobody
            raise self._unserved(target)
        if target.subresource == "scale" and request.method in {"GET", "PUT", "PATCH"}:
            return await scale.serve(self._objects, request, target)
        if request.method == "GET":
            return await self._read(request, target)
        return await _verb(request.method, target)(self._objects, request, target)

    def _without_node(self, target: RequestInfo) -> web.Response | None:
        """Of a Pod that no node runs there are no logs, and nothing can be run in it; raises ApiError 400, 404."""
        if target.resource.plural != "pods" or target.subresource not in _OF_A_NODE:
            return None
        if self._objects.get(target.resource, (target.namespace, target.name)).read()["spec"].get("nodeName"):
            return None
        if target.subresource == "log":
            return web.Response(status=204)
        raise bad_request(f"pod {target.name} does not have a host assigned")

    def _unserved(self, target: RequestInfo) -> ApiError:
        """Of a subresource that nobody here answers: whether its object is there is told all the same."""
        self._objects.get(target.resource, (target.namespace, target.name))
        return not_found(target.resource.plural, target.resource.group, target.name)

    async def _read(self, request: web.Request, target: RequestInfo) -> web.StreamResponse:
        watch = target.watch or bool(flag(request, "watch"))
        if watch and (not target.name or target.watch):
            return await self._watches.serve(request, target)
        return (reading.get if target.name else reading.list_collection)(self._objects, request, target)


async def _finish(_: web.Request, response: web.StreamResponse) -> None:
    """What every answer bears."""
    for name, value in UNSENT.items():
        response.headers.setdefault(name, value)


def _compressed(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """The answer; a large one goes compressed to who takes it."""
    body = response.body if isinstance(response, web.Response) else None
    if request.path.startswith("/openapi/v3"):
        return response
    if isinstance(body, bytes) and len(body) > COMPRESSED_BYTES_MIN and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.enable_compression(web.ContentCoding.gzip)
        response.headers["Vary"] = "Accept-Encoding"
    return response


def _check_request(request: web.Request, target: RequestInfo) -> None:
    """What is refused before anything is looked up."""
    if request.query.get("export") == "true":
        raise bad_request("the export parameter, deprecated since v1.14, is no longer supported")
    if request.method == "GET" and (found := path_segment_problems(target.name)):
        raise bad_request(f"Name parameter invalid: {shown(target.name)}: {found[0]}")


_OF_A_NODE = frozenset({"log", "exec", "attach", "portforward"})
_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def _is_resource(path: str) -> bool:
    parts = path.strip("/").split("/")
    return (parts[0] == "api" and len(parts) > 2) or (parts[0] == "apis" and len(parts) > 3)


def _is_discovery(path: str) -> bool:
    parts = path.strip("/").split("/")
    return path == "/" or (parts[0] == "api" and len(parts) <= 2) or (parts[0] == "apis" and len(parts) <= 3)


_OBJECT_VERBS: dict[str, Verb] = {"PUT": writing.replace, "PATCH": writing.change, "DELETE": writing.delete}
_COLLECTION_VERBS: dict[str, Verb] = {"POST": writing.create, "DELETE": writing.delete_collection}


def _verb(method: str, target: RequestInfo) -> Verb:
    if target.subresource == "finalize" and method == "PUT":
        return writing.finalize
    verb = (_OBJECT_VERBS if target.name else _COLLECTION_VERBS).get(method)
    wanted = "" if target.name else {"DELETE": "deletecollection", "POST": "create"}.get(method, "")
    allowed = not wanted or wanted in target.resource.verbs
    if target.subresource and target.resource.custom and (method == "DELETE" or verb is None):
        raise unsupported_verb(target.resource, "delete" if method == "DELETE" else "create")
    if target.resource.custom and not target.subresource and (other := _custom_verb(method, target)):
        return other
    if verb is None or not allowed or (target.subresource and method == "DELETE"):
        raise method_not_allowed()
    return verb


def _custom_verb(method: str, target: RequestInfo) -> Verb | None:
    """What a custom resource does with a method at a path where built-in kinds have none; raises ApiError 400."""
    if not target.name and method in _OBJECT_VERBS and method != "DELETE":
        raise bad_request("name must be provided")
    return writing.create if method == "POST" else None
