"""Two emulated API servers in one process, the steady state of a lab in the first, and a record of every request."""

import asyncio
import json
import os
import shutil
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from aiohttp import web

from harness.emulated.apiserver import ApiServer
from harness.emulated.kube.client import Client
from harness.emulated.kube.resources import HOSTS
from harness.emulated.plan.plan import Config, make_plan
from harness.emulated.seed import steady
from harness.emulated.seed.parts import Image, Scene

NAMESPACE = "metal3"
BLOCK_MOVE = "clusterctl.cluster.x-k8s.io/block-move"
MOVER_SECONDS = 180
"""The real one tries a write for up to 52 s before it gives up, and the machine may be busy."""


@dataclass
class Request:
    """One request as a server saw it."""

    cluster: str
    method: str
    path: str
    status: int
    content_type: str
    accept: str
    query: dict
    body: object


@dataclass
class Said:
    """How a mover ended, and what it said."""

    code: int
    lines: list[str]

    def with_start(self, start):
        return [line for line in self.lines if line.startswith(start)]


@dataclass
class Pair:
    """The two clusters of a move. `refuse` may answer a request in the server's place."""

    directory: Path
    servers: dict
    clients: dict = field(default_factory=dict)
    requests: list = field(default_factory=list)
    refuse: object = None

    async def start(self, *program, namespace=NAMESPACE, speed="1000", seed="0", more=()):
        program = program or (sys.executable, "-m", "harness.emulated.mover")
        home = self.directory / "home"
        home.mkdir(exist_ok=True)
        environment = {
            **os.environ,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "CLUSTERCTL_DISABLE_VERSIONCHECK": "true",
            "MOVER_SPEED": speed,
            "MOVER_SEED": seed,
        }
        places = ["--kubeconfig", str(self.directory / "source.yaml"), "--to-kubeconfig", str(self.directory / "target.yaml")]
        return await asyncio.create_subprocess_exec(
            *[*program, "move", *places, "-n", namespace, "-v", "5", *more],
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
        )

    async def move(self, *program, **how):
        child = await self.start(*program, **how)
        try:
            async with asyncio.timeout(MOVER_SECONDS):
                output, errors = await child.communicate()
        finally:
            if child.returncode is None:
                child.kill()
                await child.communicate()
        assert output == b""
        return Said(child.returncode, errors.decode().splitlines())

    async def objects(self, cluster, resources):
        """(kind, name) -> object of one namespace."""
        found = {}
        for resource in resources:
            for item in (await self.clients[cluster].list_all(resource, NAMESPACE))["items"]:
                found[resource.kind, item["metadata"]["name"]] = item
        return found

    async def unblock(self):
        """What CAPM3 does once it has told the hosts' status in an annotation."""
        for host in (await self.clients["source"].list_all(HOSTS, NAMESPACE))["items"]:
            await self.clients["source"].merge_patch(HOSTS, host, {"metadata": {"annotations": {BLOCK_MOVE: None}}})


def recorder(pair_of, name):
    @web.middleware
    async def record(request, handler):
        pair = pair_of()
        text = await request.text() if "protobuf" not in request.content_type else ""
        answer = pair.refuse and pair.refuse(name, request, text)
        answer = answer or await handler(request)
        pair.requests.append(
            Request(
                name,
                request.method,
                request.path,
                answer.status,
                request.content_type,
                request.headers.get("Accept", ""),
                dict(request.query),
                json.loads(text) if text else None,
            )
        )
        return answer

    return record


@asynccontextmanager
async def two_clusters(directory, *, hosts=3, spares=1):
    holder = []
    names = ("source", "target")
    servers = {name: ApiServer(name, middlewares=(recorder(lambda: holder[0], name),)) for name in names}
    pair = Pair(directory, servers)
    holder.append(pair)
    try:
        for name, server in servers.items():
            url = await server.start()
            pair.clients[name] = await Client(url, server.token).__aenter__()
            (directory / f"{name}.yaml").write_text(yaml.safe_dump(server.kubeconfig()))
        await install(pair, make_plan(Config(hosts=hosts, spares=spares, namespace=NAMESPACE)))
        await pair.unblock()
        pair.requests.clear()
        yield pair
    finally:
        for client in pair.clients.values():
            await client.__aexit__()
        for server in servers.values():
            await server.stop()


async def install(pair, plan):
    nodes = {host.name: {"metadata": {"name": host.name, "uid": f"uid-{host.name}"}, "status": {}} for host in plan.hosts}
    bmcs = {host.name: f"redfish-virtualmedia+http://127.77.10.1:1/redfish/v1/Systems/{host.uuid}" for host in plan.hosts}
    image = Image("http://127.77.4.1/os.raw", "0" * 64)
    scene = Scene(plan, image, bmcs, "kubeconfig", ("127.0.0.1", 1), nodes, datetime(2026, 1, 1, tzinfo=UTC))
    await steady.install(pair.clients["source"], (NAMESPACE,))
    await steady.install(pair.clients["target"], ())
    await steady.Seed(pair.clients["source"], scene).write()


@pytest.fixture
async def pair(tmp_path):
    async with two_clusters(tmp_path) as pair:
        yield pair


@pytest.fixture
def make_pair(tmp_path):
    """Equal labs, one after the other."""

    def make(**how):
        directory = tmp_path / f"lab-{len(list(tmp_path.iterdir()))}"
        directory.mkdir()
        return two_clusters(directory, **how)

    return make


@pytest.fixture
def clusterctl():
    """The real one: on PATH, or in the directory that HARNESS_REAL_BIN names."""
    places = os.pathsep.join(place for place in (os.environ.get("HARNESS_REAL_BIN"), os.environ.get("PATH")) if place)
    found = shutil.which("clusterctl", path=places)
    if not found:
        pytest.skip("no clusterctl on PATH or in HARNESS_REAL_BIN")
    return found
