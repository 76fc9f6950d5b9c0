"""The cluster that lives on the lab's own servers: its API server begins and ends with its control planes.

It serves while the system of a control plane runs. What it knows is kept as long as one of their disks is; when the last one is wiped, the
cluster is no more, and the next control plane begins another one, at the same address and with the same keys.
"""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Protocol

from harness.emulated.kube.client import Json

Inhabitants = Callable[[], Coroutine[Any, Any, None]]
"""Runs what lives in the cluster, until cancelled."""


class HostedServer(Protocol):
    """An API server that can be started more than once, at a place that it is told; or the door before one."""

    async def start(self, host: str, port: int, *, reuse_port: bool) -> str:
        """Serve there; the URL."""
        ...

    async def stop(self) -> None:
        """Serve nobody any more."""
        ...

    def kubeconfig(self) -> Json:
        """How it is reached."""
        ...


log = logging.getLogger(__name__)


class HostedCluster:
    """One cluster on its own control planes. `make` makes its API server, of the how-manieth life it is told (from 1).

    Servers tell what becomes of their control planes by `runs`, `halts` and `wiped`, each by its own name.
    """

    def __init__(self, make: Callable[[int], HostedServer], address: str) -> None:
        self._make = make
        self._address = address
        self._lives = 0
        self._disks: set[str] = set()
        self._running: set[str] = set()
        self._changed = asyncio.Event()
        self._serving = asyncio.Event()
        # Nobody else gets the port while nobody serves; a connection to it is refused then.
        self._port = socket.socket()
        self._port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._port.bind((address, 0))

    @property
    def is_serving(self) -> bool:
        """Does its API server answer?"""
        return self._serving.is_set()

    async def kubeconfig(self) -> Json:
        """Its kubeconfig, good for all its lives."""
        server = self._make(self._lives)
        await server.start(self._address, self._number, reuse_port=True)
        await server.stop()
        return server.kubeconfig()

    async def runs(self, server: str) -> None:
        """The control plane on this server runs; returns when the cluster's API server serves."""
        self._disks.add(server)
        self._running.add(server)
        self._changed.set()
        await self._serving.wait()

    def halts(self, server: str) -> None:
        """Nothing runs on this server, or something else."""
        self._running.discard(server)
        self._tell()

    def wiped(self, server: str) -> None:
        """The disk of this server is empty."""
        self._running.discard(server)
        self._disks.discard(server)
        self._tell()

    def _tell(self) -> None:
        if not self._running:
            self._serving.clear()
        self._changed.set()

    @property
    def _number(self) -> int:
        number: int = self._port.getsockname()[1]
        return number

    async def run(self, inhabitants: Inhabitants) -> None:
        """Live one life after the other until cancelled."""
        with self._port:
            while True:
                await self._until(lambda: bool(self._running))
                self._lives += 1
                log.info("the provisioned cluster begins")
                await self._live(self._make(self._lives), inhabitants)
                log.info("the provisioned cluster has ended")

    async def _live(self, server: HostedServer, inhabitants: Inhabitants) -> None:
        """From the first control plane to the last disk."""
        async with asyncio.TaskGroup() as tasks:
            living: asyncio.Task[None] | None = None
            while self._disks:
                await self._until(lambda: bool(self._running) or not self._disks)
                if self._running:
                    async with self._served(server):
                        living = living or tasks.create_task(inhabitants())
                        await self._until(lambda: not self._running)
            if living:
                living.cancel()

    @asynccontextmanager
    async def _served(self, server: HostedServer) -> AsyncIterator[None]:
        await server.start(self._address, self._number, reuse_port=True)
        self._serving.set()
        try:
            yield
        finally:
            self._serving.clear()
            await server.stop()

    async def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            self._changed.clear()
            await self._changed.wait()
