"""One Ironic as a service that is started and stopped: an empty database at every start, the same port."""

import asyncio
import contextlib
import functools
import socket
from collections.abc import Sequence
from typing import Any

import aiohttp
from aiohttp import web

from harness.emulated.ironic.agent_link import AgentLink
from harness.emulated.ironic.api import Api
from harness.emulated.ironic.bmc_client import USUAL_WAITS, BmcClient, Waits
from harness.emulated.ironic.conductor import Conductor
from harness.emulated.ironic.ipmi_client import IpmiClient, IpmiTool
from harness.emulated.ironic.nodes import BaremetalNode, Database
from harness.emulated.ironic.power_sync import recover_for_ever, sync_power_for_ever
from harness.emulated.ironic.redfish_client import USER_AGENT, RedfishClient
from harness.emulated.plan.network import SHUTDOWN_SECONDS, EmulatedNetwork

Body = dict[str, Any]


class Ironic:
    """The Ironic of one side.

    `address` is where it listens and calls from; `speed` divides all its delays; `credentials` are what its API asks for (None:
    it is open to all). `nodes` is what its database holds at the first start (fields as in the API, and `ports`: MAC addresses);
    from the second start on it begins empty, as one does whose database lives in its container.
    """

    def __init__(  # noqa: PLR0913  # all by name, each one thing that a lab decides
        self,
        side: str,
        *,
        address: str,
        credentials: tuple[str, str] | None,
        network: EmulatedNetwork,
        speed: float = 1.0,
        seed: int = 0,
        nodes: Sequence[Body] = (),
        waits: Waits = USUAL_WAITS,
    ) -> None:
        self.side = side
        self.address = address
        self._credentials = credentials
        self._network = network
        self._speed = speed
        self._seed = seed
        self._preload = list(nodes)
        self._waits = waits
        self._port = 0
        self._reserved: socket.socket | None = None
        self._starts = 0
        self._life: asyncio.Task[None] | None = None
        self.database = Database("")

    @property
    def running(self) -> bool:
        """Does it serve?"""
        return self._life is not None

    @property
    def url(self) -> str:
        """Where it is, or was, or will be served; fixed at the first start."""
        return f"http://{self.address}:{self._port}"

    async def start(self, port: int = 0) -> str:
        """Serve until `stop`; its URL. The first start chooses the port (0: a free one), all later ones keep it."""
        if self._life is not None:
            return self.url
        listening = self._listening(port)
        self._port = listening.getsockname()[1]
        self._starts += 1
        self.database = Database(f"{self._seed} {self.side} {self._starts}")
        for node in self._preload if self._starts == 1 else ():
            self.database.preload(node)
        serving = asyncio.Event()
        self._life = asyncio.create_task(self._live(listening, serving), name=f"ironic-{self.side}")
        waiting = asyncio.create_task(serving.wait())
        await asyncio.wait({waiting, self._life}, return_when=asyncio.FIRST_COMPLETED)
        if waiting.cancel():
            await self.stop()
        return self.url

    async def stop(self) -> None:
        """End at once, whatever is being done; the database is gone. Raises what the service died of, if it did."""
        life, self._life = self._life, None
        if life is None:
            return
        life.cancel()
        await asyncio.wait({life})
        self._reserved = _bound(self.address, self._port)
        if not life.cancelled():
            life.result()

    async def close(self) -> None:
        """Stop, and give the port back."""
        await self.stop()
        if self._reserved is not None:
            self._reserved.close()

    def _listening(self, port: int) -> socket.socket:
        reserved, self._reserved = self._reserved, None
        if reserved is None:
            return socket.create_server((self.address, port))
        reserved.listen()
        return reserved

    async def _live(self, listening: socket.socket, serving: asyncio.Event) -> None:
        connector = aiohttp.TCPConnector(local_addr=(self.address, 0), force_close=True, limit=0)
        headers = {"User-Agent": USER_AGENT}
        async with (
            aiohttp.ClientSession(connector=connector, headers=headers) as session,
            contextlib.aclosing(IpmiTool(self.address)) as tool,
            asyncio.TaskGroup() as tasks,
        ):
            agents = AgentLink(self.database, session, self.url, self._speed)
            connect = functools.partial(self._connected, session, tool)
            conductor = Conductor(f"ironic-{self.side}", agents, connect, self._speed, tasks)
            tasks.create_task(sync_power_for_ever(conductor, self._waits.power_sync_seconds / self._speed))
            tasks.create_task(recover_for_ever(conductor, self._speed))
            application = Api(self.database, conductor, agents, self._credentials).application(
                self._network.middleware(self.address)
            )
            await self._serve(application, listening, serving)

    async def _serve(self, application: web.Application, listening: socket.socket, serving: asyncio.Event) -> None:
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await runner.setup()
        try:
            await web.SockSite(runner, listening).start()
            serving.set()
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    def _connected(self, session: aiohttp.ClientSession, tool: IpmiTool, node: BaremetalNode) -> BmcClient:
        """The client of this node's BMC, for its hardware type."""
        info = node.body["driver_info"]
        if node.body["driver"] == "ipmi":
            return IpmiClient(tool, info, self._speed, self._waits.least_ipmi_seconds)
        return RedfishClient(session, info, self._speed, self._waits.least_redfish_seconds)


def _bound(address: str, port: int) -> socket.socket:
    """A port that is held and refuses every connection: a lab file names it while its Ironic is down."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    line.bind((address, port))
    return line
