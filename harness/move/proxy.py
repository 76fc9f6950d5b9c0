"""A counting proxy between the mover and both API servers, which can end a move at any one of its requests.

The mover gets kubeconfigs of its own, for two loopback ports, with a certificate and a token that are good for nothing else; towards
the API servers the lab's own kubeconfigs, credentials and TLS are used. Requests are counted over both clusters, in the order in which
they come.
"""

import asyncio
import base64
import contextlib
import os
import secrets
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from bmc.redfish.trust import server_tls
from harness.files.scratch import scratch_directory
from harness.journal.facts import Side
from harness.kube.client import open_cluster
from harness.kube.cluster import KubeCluster
from harness.kube.errors import ClusterError
from harness.lab.model import ClusterAccess, Lab
from harness.move.process import KubeconfigContext
from harness.move.requests import REQUESTS_FILE, MoverRequest, Unit, name_in
from harness.processes.parts.certificates import Authority

"""A list of a large namespace; an object is at most 1.5 MiB."""

SENT_ON = ("Accept", "Content-Type", "User-Agent")
SENT_BACK = ("Content-Type", "Warning", "Retry-After")
SHELL = ("/bin/sh", "-c", 'echo $$ >"$1"; shift; exec "$@"', "mover")
"""Writes its process id and then becomes the mover, so that exactly this process can be killed."""

When = Literal["before", "after"]
Means = Literal["kill", "cut"]

_current: ContextVar["MoverProxy | None"] = ContextVar("mover_proxy", default=None)


class RequestFault(NamedTuple):
    """The fault to inject at request `at` (from 1): before it is forwarded, or after it was executed; a cut lasts `seconds`.

    `of`: which requests are counted: all, only writes, or only creations.
    """

    at: int
    when: When
    by: Means
    seconds: float
    of: Unit = "requests"


NEVER = RequestFault(0, "before", "kill", 0.0)
"""A fault that never happens: requests are counted from 1."""


class RequestLogFile(NamedTuple):
    """Where requests are written down, and by which clock."""

    file: BinaryIO
    now: Callable[[], float]


Look = Callable[[MoverRequest], Awaitable[None]]
"""Called for each write before it is forwarded."""


def current() -> "MoverProxy | None":
    """The proxy for movers started in this context; None: no proxy."""
    return _current.get()


@asynccontextmanager
async def proxied(
    lab: Lab, logs: Path, plan: RequestFault, now: Callable[[], float], look: Look | None = None
) -> AsyncIterator["MoverProxy"]:
    """Let every mover that is started within the block go through a proxy; `logs` gets a line for each request, stamped by `now`.

    `look` is done before each write. Raises ClusterError where a kubeconfig of the lab is no good.
    """
    places: dict[Side, ClusterAccess] = {"source": lab.clusters.source, "target": lab.clusters.target}
    async with AsyncExitStack() as stack:
        clusters: dict[Side, KubeCluster] = {}
        for side, access in places.items():
            opened = open_cluster(access.kubeconfig, access.context or None, name=side)
            clusters[side] = await stack.enter_async_context(opened)
        private = stack.enter_context(scratch_directory("mover-"))
        file = stack.enter_context(_append(logs / REQUESTS_FILE))
        proxy = MoverProxy(clusters, private, RequestLogFile(file, now), plan, look)
        stack.push_async_callback(proxy.stop)
        await proxy.start()
        token = _current.set(proxy)
        try:
            yield proxy
        finally:
            _current.reset(token)


def _append(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("ab", buffering=0)


class MoverProxyLimits(msgspec.Struct, frozen=True):
    """Of the proxy before the mover."""

    forward_seconds: float = 60.0
    """For an API server's whole answer."""
    shutdown_seconds: float = 0.2
    """How long pending requests may take to end."""
    body_bytes_max: int = 1 << 26


class MoverProxy:
    """One proxy for both clusters. `made` counts requests by unit; `struck` is the request at which the fault was injected."""

    def __init__(  # noqa: PLR0913 - all but five by name
        self,
        clusters: dict[Side, KubeCluster],
        private: Path,
        log: RequestLogFile,
        plan: RequestFault,
        look: Look | None = None,
        *,
        limits: MoverProxyLimits | None = None,
    ) -> None:
        """Nothing listens yet. `private` is a directory that only we can read."""
        self._limits = limits or MoverProxyLimits()
        self.made: dict[Unit, int] = {"requests": 0, "writes": 0, "creates": 0}
        self.struck: MoverRequest | None = None
        self._clusters = clusters
        self._private = private
        self._log = log
        self._plan = plan
        self._look = look
        self._token = secrets.token_urlsafe(32)
        self._runners: list[web.AppRunner] = []
        self._dead_until = 0.0

    async def start(self) -> None:
        """Listen on a loopback port for each cluster, and write the mover's kubeconfigs."""
        # Kubernetes' clients send credentials over TLS only.
        authority = Authority(self._private / "tls")
        context = server_tls(*map(str, authority.issue("mover-proxy", ("127.0.0.1",))))
        certificate = authority.certificate.read_bytes()
        for side, cluster in self._clusters.items():
            application = web.Application(client_max_size=self._limits.body_bytes_max)
            application.router.add_route("*", "/{path:.*}", self._door(side, cluster))
            runner = web.AppRunner(application, access_log=None, shutdown_timeout=self._limits.shutdown_seconds)
            await runner.setup()
            self._runners.append(runner)
            await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
            document = _kubeconfig(f"https://127.0.0.1:{runner.addresses[0][1]}", certificate, self._token)
            self.place(side).kubeconfig.write_bytes(document)

    async def stop(self) -> None:
        """Listen no more."""
        for runner in self._runners:
            await runner.cleanup()

    def place(self, side: Side) -> KubeconfigContext:
        """The kubeconfig by which a mover reaches this cluster through us."""
        return KubeconfigContext(self._private / f"{side}.kubeconfig")

    def wrapped(self, command: Sequence[str]) -> list[str]:
        """A mover's command, so started that we can kill it."""
        return [*SHELL, str(self._private / "mover.pid"), *command]

    def _door(self, side: Side, cluster: KubeCluster) -> Handler:
        async def handle(request: web.Request) -> web.Response:
            if not secrets.compare_digest(request.headers.get("Authorization", ""), f"Bearer {self._token}"):
                return web.Response(status=401)
            asked = MoverRequest(self.made["requests"] + 1, self._log.now(), side, request.method, request.path)
            for unit in asked.units:
                self.made[unit] += 1
            return await self._pass(asked, request, cluster, mine=self._is_met_by(asked))

        return handle

    def _is_met_by(self, asked: MoverRequest) -> bool:
        return self._plan.of in asked.units and self.made[self._plan.of] == self._plan.at

    async def _pass(self, asked: MoverRequest, request: web.Request, cluster: KubeCluster, *, mine: bool) -> web.Response:
        """Forward one request, unless it is the one that the plan means."""
        body = await request.read()
        asked = msgspec.structs.replace(asked, name=name_in(body) if request.method == "POST" else "")
        if mine and self._plan.when == "before":
            return self._inject(asked, request)
        if self._is_dead():
            self._note(asked)
            return _abort(request)
        if self._look and asked.writes:
            await self._look(asked)
        headers = {name: request.headers[name] for name in SENT_ON if name in request.headers} | {"Accept-Encoding": "identity"}
        try:
            answer, content = await cluster.forward(
                request.method, request.raw_path, headers, body, answer_seconds=self._limits.forward_seconds
            )
        except ClusterError:
            self._note(asked)
            return _abort(request)
        done = msgspec.structs.replace(asked, status=answer.status)
        if mine:
            return self._inject(done, request)
        if self._is_dead():
            self._note(done)
            return _abort(request)
        self._note(done)
        answered = {name: value for name in SENT_BACK for value in answer.headers.getall(name, [])[:1]}
        return web.Response(status=answer.status, body=content, headers=answered)

    def _inject(self, asked: MoverRequest, request: web.Request) -> web.Response:
        """Inject the fault; the mover gets no byte of an answer."""
        self.struck = msgspec.structs.replace(asked, struck=True)
        self._note(self.struck)
        if self._plan.by == "cut":
            self._dead_until = asyncio.get_running_loop().time() + self._plan.seconds
            return _abort(request)
        self._dead_until = float("inf")
        with contextlib.suppress(ProcessLookupError):
            os.kill(int((self._private / "mover.pid").read_text(encoding="utf-8")), signal.SIGKILL)
        return _abort(request)

    def _is_dead(self) -> bool:
        return asyncio.get_running_loop().time() < self._dead_until

    def _note(self, asked: MoverRequest) -> None:
        self._log.file.write(msgspec.json.encode(asked) + b"\n")


def _kubeconfig(server: str, certificate: bytes, token: str) -> bytes:
    """A kubeconfig for one server, as JSON, which is YAML."""
    authority = base64.b64encode(certificate).decode()
    return msgspec.json.encode(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "lab", "cluster": {"server": server, "certificate-authority-data": authority}}],
            "users": [{"name": "mover", "user": {"token": token}}],
            "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "mover"}}],
            "current-context": "lab",
        }
    )


def _abort(request: web.Request) -> web.Response:
    """Abort the connection; the returned response is never sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)
