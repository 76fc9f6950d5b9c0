"""An API server that remembers everything and misbehaves on demand: the oracle of the tests of sight on Kubernetes."""

import asyncio
import bisect
import contextlib
import copy
import json
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiohttp import web

from tests.sight.kube.faults import BREAKS, MORE_REFUSALS, REFUSALS, gone, line, status

TOKEN = "a-token-for-tests"


class Served(NamedTuple):
    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool

    @property
    def api_version(self):
        return f"{self.group}/{self.version}" if self.group else self.version


HOSTS = Served("metal3.io", "v1alpha1", "BareMetalHost", "baremetalhosts", True)
SECRETS = Served("", "v1", "Secret", "secrets", True)
NODES = Served("", "v1", "Node", "nodes", False)
CLUSTERS = Served("cluster.x-k8s.io", "v1beta2", "Cluster", "clusters", True)


def well(_what):
    """No fault at all."""


async def nothing():
    """What happens between a list and its answer, usually."""


def always(fault):
    """The same fault for everything."""
    return lambda _what: fault


class Change(NamedTuple):
    """One entry of the server's own history; `at` is when it happened on the test's clock."""

    version: int
    type: str
    body: dict
    at: float

    @property
    def name(self):
        return self.body["metadata"]["name"]


class KubeServer:
    """Serve `served` with a history. `fault(what)` is asked for each `discovery`, `list`, `pulse` and `watch`: a name of FAULTS or None.

    The fault `again` is a watch that repeats the whole history and ends, `stale` one that then says 410.
    `after_list` is awaited before a list is answered.

    `requests` are all requests as (time, method, path, query), `user_agents` who asked, `bookmarks` what was sent as (kind, version);
    objects named in `hidden` are told by no watch.
    """

    def __init__(self, served, clock, fault=well):
        self.served = list(served)
        self.clock = clock
        self.fault = fault
        self.version = 100
        self.floor = 0
        self.token = TOKEN
        self.bookmark_seconds = 0.05
        self.history = {}
        self.now = {}
        self.injected = []
        self.requests = []
        self.written = []
        self.bookmarks = []
        self.user_agents = set()
        self.url = ""
        self.hidden = set()
        self.after_list = nothing
        self._muted = 0
        self._news = asyncio.Event()
        self._asked = asyncio.Event()

    # --- what happens in the cluster ---

    def write(self, served, name, **members):
        """Create or change an object; its new body."""
        before = self.alive(served).get(name)
        self.version += 1
        body = {"apiVersion": served.api_version, "kind": served.kind, **copy.deepcopy(members)}
        metadata = dict(members.get("metadata", {}), name=name, resourceVersion=str(self.version))
        metadata["uid"] = before["metadata"]["uid"] if before else f"uid-{self.version}"
        if served.namespaced:
            metadata["namespace"] = "metal3"
        body["metadata"] = metadata
        self._append(served, "MODIFIED" if before else "ADDED", body)
        return body

    def remove(self, served, name):
        """Delete an object; the deletion has a version of its own."""
        body = copy.deepcopy(self.alive(served)[name])
        self.version += 1
        body["metadata"]["resourceVersion"] = str(self.version)
        self._append(served, "DELETED", body)

    def mute(self):
        """The watches that are open now say nothing any more; later ones do."""
        self._muted += 1

    def compact(self):
        """Forget the history: whoever watches from an older version gets a 410."""
        self.floor = self.version

    def of(self, served):
        """All that ever happened to a kind."""
        return self.history.setdefault(served.plural, [])

    def alive(self, served):
        """Name -> body, now."""
        return self.now.setdefault(served.plural, {})

    def state(self, served, version):
        """Name -> body, at a version."""
        found = {}
        for change in self.of(served):
            if change.version > version:
                break
            if change.type == "DELETED":
                found.pop(change.name, None)
            else:
                found[change.name] = change.body
        return found

    async def until(self, holds):
        """Wait for something that only requests can bring about."""
        while not holds():
            asked = self._asked
            await asked.wait()

    def _append(self, served, kind, body):
        self.of(served).append(Change(self.version, kind, body, self.clock()))
        if kind == "DELETED":
            del self.alive(served)[body["metadata"]["name"]]
        else:
            self.alive(served)[body["metadata"]["name"]] = body
        news, self._news = self._news, asyncio.Event()
        news.set()

    # --- what is asked of it ---

    @asynccontextmanager
    async def running(self, port=0):
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.05, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _answer(self, request):
        asked, self._asked = self._asked, asyncio.Event()
        asked.set()
        self.requests.append((self.clock(), request.method, request.path, dict(request.query)))
        self.user_agents.add(request.headers.get("User-Agent"))
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return status(401, "Unauthorized", "Unauthorized")
        if request.method != "GET":
            return await self._take_write(request)
        served = next((one for one in self.served if request.path in paths(one)), None)
        watching = request.query.get("watch") == "true"
        pulse = request.query.get("limit") == "1"
        what = "discovery" if served is None else "watch" if watching else "pulse" if pulse else "list"
        fault = self.fault(what)
        if fault is not None:
            self.injected.append((what, fault))
            if refuse := {**REFUSALS, **MORE_REFUSALS}.get(fault):
                return await refuse(request)
        if served is None:
            return self._one(request.path) or self._discover(request.path)
        if watching:
            return await self._watch(request, served, fault)
        answer = self._list(request, served)
        await self.after_list()
        return answer

    async def _take_write(self, request):
        body = await request.text()
        self.written.append((request.method, request.path, request.content_type, json.loads(body) if body else None))
        return web.json_response({"kind": "Echo", "metadata": {}}, status=201 if request.method == "POST" else 200)

    def _one(self, path):
        """One object by its path; None where the path is none of an object that is there."""
        for served in self.served:
            for body in self.alive(served).values():
                if path in [f"{root}/{body['metadata']['name']}" for root in paths(served)]:
                    return web.json_response(body)
        return None

    def _discover(self, path):
        groups = sorted({(one.group, one.version) for one in self.served if one.group})
        if path == "/apis":
            found = [
                {"name": group, "versions": [{"version": version}], "preferredVersion": {"version": version}}
                for group, version in groups
            ]
            return web.json_response({"kind": "APIGroupList", "groups": found})
        if path.count("/") > 3:
            return status(404, "NotFound", "the server could not find the requested resource")
        group, _, version = path.removeprefix("/apis/").partition("/") if path.startswith("/apis/") else ("", "", "v1")
        resources = [
            {"name": one.plural + suffix, "kind": one.kind, "namespaced": one.namespaced}
            for one in self.served
            if (one.group, one.version) == (group, version)
            for suffix in ("/status", "")
        ]
        return web.json_response({"kind": "APIResourceList", "resources": resources})

    def _list(self, request, served):
        token = request.query.get("continue", "")
        version, _, start = token.partition(":")
        version = int(version or self.version)
        if token and version < self.floor:
            return status(410, "Expired", "The provided continue parameter is too old")
        bodies = [body for _, body in sorted((self.state(served, version) if token else self.alive(served)).items())]
        start = int(start or 0)
        end = start + int(request.query.get("limit", len(bodies) or 1))
        items = copy.deepcopy(bodies[start:end])
        if not served.group:
            for item in items:
                del item["kind"], item["apiVersion"]
        metadata = {"resourceVersion": str(version)}
        if end < len(bodies):
            metadata["continue"] = f"{version}:{end}"
        return web.json_response({"kind": f"{served.kind}List", "metadata": metadata, "items": items})

    async def _watch(self, request, served, fault):
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        asked = int(request.query["resourceVersion"])
        if fault in ("stale", "again"):
            for change in self.of(served):
                await response.write(line(change.type, change.body))
        if fault == "again":
            return response
        if fault == "stale" or asked < self.floor:
            await response.write(line("ERROR", gone()))
            return response
        # The client goes away whenever it likes, and the time is up whenever it is.
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(int(request.query["timeoutSeconds"])):
                await self._send(request, response, served, asked, fault)
        return response

    async def _send(self, request, response, served, sent, fault):
        """Events after version `sent`, for ever; a fault strikes after two of them."""
        count, muted = 0, self._muted
        while True:
            news = self._news
            if muted != self._muted:
                await asyncio.Event().wait()
            history = self.of(served)
            for change in history[bisect.bisect_right(history, sent, key=lambda change: change.version) :]:
                if fault is not None and count == 2:
                    await BREAKS[fault](self, request, response, change)
                    return
                if change.name not in self.hidden:
                    await response.write(line(change.type, change.body))
                sent = change.version
                count += 1
            try:
                async with asyncio.timeout(self.bookmark_seconds):
                    await news.wait()
            except TimeoutError:
                if news.is_set():
                    continue
                if fault is None:
                    body = {"kind": served.kind, "metadata": {"resourceVersion": str(self.version)}}
                    sent = self.version
                    await response.write(line("BOOKMARK", body))
                    self.bookmarks.append((served, sent))
                else:
                    count = 2


def paths(served):
    root = f"/apis/{served.group}/{served.version}" if served.group else f"/api/{served.version}"
    return (f"{root}/{served.plural}", f"{root}/namespaces/metal3/{served.plural}")


def kubeconfig(directory, url, token=TOKEN):
    """A kubeconfig file for a plain-HTTP server with a bearer token."""
    path = directory / "lab.kubeconfig"
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "lab",
        "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "lab"}}],
        "clusters": [{"name": "lab", "cluster": {"server": url}}],
        "users": [{"name": "lab", "user": {"token": token}}],
    }
    path.write_text(json.dumps(document))
    return path
