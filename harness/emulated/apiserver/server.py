"""One emulated API server: its address, its token, and who answers which path."""

from collections.abc import Awaitable, Callable, Sequence
from hashlib import blake2b
from typing import Any

from aiohttp import web

from harness.emulated.apiserver import definitions, kinds, openapi, reading, reviews, scale, writing
from harness.emulated.apiserver.discovery import Discovery
from harness.emulated.apiserver.errors import ApiError, method_not_allowed, unauthorized
from harness.emulated.apiserver.garbage import Collector
from harness.emulated.apiserver.kinds import REVIEWS, Json, Registry
from harness.emulated.apiserver.metadata import Naming
from harness.emulated.apiserver.negotiation import error_answer, flag, json_answer
from harness.emulated.apiserver.objects import Objects, Writing
from harness.emulated.apiserver.routes import Target, resolve
from harness.emulated.apiserver.store import Store
from harness.emulated.apiserver.watch import Watches

SHUTDOWN_SECONDS = 1.0
HISTORY_ENTRIES_MAX = 20_000
REQUEST_BYTES_MAX = 4 * 1024 * 1024
NAMESPACES = ("default", "kube-system", "kube-public")
VERSION: Json = {
    "major": "1", "minor": "36", "gitVersion": "v1.36.0+emulated", "gitCommit": "", "gitTreeState": "clean", "buildDate": "",
    "goVersion": "", "compiler": "", "platform": "linux/amd64",
}  # fmt: skip
OPEN_PATHS = frozenset({"/healthz", "/livez", "/readyz", "/version"})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Verb = Callable[[Objects, web.Request, Target], Awaitable[web.StreamResponse]]
Middleware = Any
"""An aiohttp middleware; it sees every request before the server does."""


class ApiServer:
    """A Kubernetes API server in this process, spoken to over HTTP only.

    A wrong bearer token is refused. None at all is taken while `anonymous`, because client-go (kubectl, clusterctl) sends a
    kubeconfig's token only over TLS. `seed` and `name` decide the token and all uids. `history_entries_max` is how many
    changes a watch can resume over before it is told 410. `middlewares` come first at every request.
    """

    def __init__(
        self,
        name: str,
        *,
        seed: int = 1,
        middlewares: Sequence[Middleware] = (),
        history_entries_max: int = HISTORY_ENTRIES_MAX,
        anonymous: bool = True,
    ) -> None:
        self.name, self.url = name, ""
        self.token = blake2b(f"token/{name}/{seed}".encode(), digest_size=16).hexdigest()
        self._middlewares = tuple(middlewares)
        self._credentials = {f"Bearer {self.token}", *((None,) if anonymous else ())}
        self._store, self._registry = Store(history_entries_max), Registry()
        self._objects = Objects(self._store, self._registry, Naming(f"{name}/{seed}"))
        self._discovery, self._openapi = Discovery(self._registry), openapi.OpenApi(self._registry)
        self._watches, self._collector = Watches(self._store), Collector(self._objects)
        self._runner: web.AppRunner | None = None
        self._store.listen(lambda change: definitions.follow(self._registry, change))
        for namespace in NAMESPACES:
            self._objects.create(kinds.NAMESPACES, "", {"metadata": {"name": namespace}}, Writing("kube-apiserver"))

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve on a loopback address; port 0 takes a free one. Returns the URL."""
        application = web.Application(middlewares=[*self._middlewares, self._guard], client_max_size=REQUEST_BYTES_MAX)
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
        try:
            if request.path not in OPEN_PATHS and request.headers.get("Authorization") not in self._credentials:
                raise unauthorized()
            return await handler(request)
        except ApiError as error:
            return error_answer(error)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path.rstrip("/") or "/"
        if path in _TEXTS:
            return web.Response(text=_TEXTS[path])
        if path == "/version":
            return json_answer(VERSION)
        if path.startswith("/openapi/"):
            return self._openapi.answer(request, path)
        if _is_discovery(path):
            return self._discovery.answer(request, path)
        return await self._serve(request, resolve(self._registry, path))

    async def _serve(self, request: web.Request, target: Target) -> web.StreamResponse:
        if target.resource in REVIEWS:
            return await reviews.answer(request, target.resource)
        if target.subresource == "scale":
            return await scale.answer(self._objects, request, target)
        if request.method == "GET":
            return await self._read(request, target)
        return await _verb(request.method, target)(self._objects, request, target)

    async def _read(self, request: web.Request, target: Target) -> web.StreamResponse:
        watch = target.watch or bool(flag(request, "watch"))
        if watch and (not target.name or target.watch):
            return await self._watches.serve(request, target)
        return (reading.get if target.name else reading.list_collection)(self._objects, request, target)


_TEXTS = {"/healthz": "ok", "/livez": "ok", "/readyz": "ok"}


def _is_discovery(path: str) -> bool:
    parts = path.strip("/").split("/")
    return (parts[0] == "api" and len(parts) <= 2) or (parts[0] == "apis" and len(parts) <= 3)


_OBJECT_VERBS: dict[str, Verb] = {"PUT": writing.replace, "PATCH": writing.change, "DELETE": writing.delete}
_COLLECTION_VERBS: dict[str, Verb] = {"POST": writing.create, "DELETE": writing.delete_collection}


def _verb(method: str, target: Target) -> Verb:
    if target.subresource == "finalize" and method == "PUT":
        return writing.finalize
    verb = (_OBJECT_VERBS if target.name else _COLLECTION_VERBS).get(method)
    if verb is None or (target.subresource and method == "DELETE"):
        raise method_not_allowed()
    return verb
