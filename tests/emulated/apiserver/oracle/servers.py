"""The two servers that are asked the same: a real kube-apiserver of our own, and the emulated one."""

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from harness.emulated.apiserver import ApiServer
from harness.emulated.apiserver.store.clock import Clock
from harness.processes.parts.apiserver import api_server
from harness.processes.parts.certificates import Authority
from harness.processes.parts.controllers import collector
from harness.processes.parts.etcd import etcd
from harness.processes.supervisor import Supervisor
from tests.emulated.apiserver.oracle.asking import Server

ADDRESS, SERVICES = "127.77.9.1", "10.99.0.0/24"
READY_SECONDS = 120.0
PROGRAMS = ("etcd", "kube-apiserver", "collector")


@asynccontextmanager
async def emulated(clock: Clock) -> AsyncIterator[Server]:
    server = ApiServer("oracle", anonymous=False, clock=clock)
    await server.start()
    try:
        async with aiohttp.ClientSession(auto_decompress=True) as session:
            yield Server(session, server.url, server.token)
    finally:
        await server.stop()


@asynccontextmanager
async def real(programs: dict[str, Path], directory: Path) -> AsyncIterator[Server]:
    """A kube-apiserver with etcd, garbage collector and namespace controller, from nothing; all of it goes at the end."""
    supervisor, authority = Supervisor(directory / "logs"), Authority(directory / "certificates")
    store = etcd(programs["etcd"], (), name="oracle", address=ADDRESS, data=directory / "etcd", authority=authority)
    server = api_server(
        programs["kube-apiserver"], (), name="oracle", address=ADDRESS, services=SERVICES, store=store, authority=authority
    )
    try:
        beside = await supervisor.start("etcd", store.command, patience_seconds=0)
        runs = await supervisor.start("kube-apiserver", server.command, patience_seconds=0)
        await supervisor.until(server.ready, runs, READY_SECONDS, beside)
        await supervisor.start("collector", collector(programs["collector"], server.kubeconfig))
        config = json.loads(server.kubeconfig.read_text())
        trust = ssl.create_default_context(cafile=str(authority.certificate))
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as session:
            yield Server(session, config["clusters"][0]["cluster"]["server"], config["users"][0]["user"]["token"])
    finally:
        await supervisor.stop()
