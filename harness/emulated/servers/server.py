"""One server: its power decides what runs on it, an agent, the system on its disk, or nothing."""

import asyncio
import random
import uuid
from collections.abc import Coroutine, Sequence
from typing import Any, Literal

from bmc.machine import Action, Machine, PowerChange
from harness.emulated.kube.client import Client
from harness.emulated.servers.agent import Agent
from harness.emulated.servers.disk import Disk, written
from harness.emulated.servers.hardware import inventory
from harness.emulated.servers.hosted import HostedCluster
from harness.emulated.servers.netboot import offered
from harness.emulated.servers.node import NodeOf

BootStage = Literal["off", "firmware", "agent", "os", "nothing"]

FIRMWARE_SECONDS = 1.0
AGENT_BOOT_SECONDS = 2.0
OS_BOOT_SECONDS = 3.0
SHUT_DOWN = "OperatingSystem"


class BareMetalServer:
    """The server behind one emulated BMC.

    `name` is its hostname before anything is installed; `address` is its own on the network that agents and Ironics share (it calls
    and listens there), `lan_address` what it says its network interface has; `disk` is what is installed on it when it is found.
    `boot_servers` are the URLs that the provisioning network's DHCP offers; whoever has them may add to them. `hosted` is the cluster
    that `workload` speaks to, where its API server runs on these servers; None: it runs elsewhere, all the time.
    All delays are divided by `speed`. `running` tells what runs now, `boots` how often something booted, `ready` is set as soon as
    the server as it was found is known to the workload cluster.
    """

    def __init__(  # noqa: PLR0913  # all by name, each one thing that a lab decides
        self,
        machine: Machine,
        *,
        name: str,
        mac: str,
        address: str,
        lan_address: str,
        workload: Client,
        disk: Disk | None = None,
        speed: float = 1.0,
        seed: int = 0,
        bmc_address: str = "",
        boot_servers: Sequence[str] = (),
        hosted: HostedCluster | None = None,
    ) -> None:
        self.machine = machine
        self.name = name
        self.disk = disk
        self.running: BootStage = "off"
        self.boots = 0
        self.boot_id = ""
        self.ready = asyncio.Event()
        self._address = address
        self._lan_address = lan_address
        self._mac = mac
        self._bmc_address = bmc_address
        self._boot_servers = boot_servers
        self._hosted = hosted
        self._speed = speed
        self._random = random.Random(f"{seed} {name}")  # noqa: S311  # the same ids at every run are the point
        self._node = NodeOf(
            workload, system_uuid=machine.uuid, address=lan_address, is_heard=lambda: hosted is None or hosted.is_serving
        )
        self._changes: asyncio.Queue[PowerChange] = asyncio.Queue()
        machine.on_power.append(lambda _, change: self._changes.put_nowait(change))

    async def run(self) -> None:
        """Live until cancelled."""
        phase = asyncio.create_task(self._found(), name=f"{self.name} as found")
        try:
            while True:
                change = await self._next_change(phase)
                await _end(phase)
                phase = asyncio.create_task(self._phase(change), name=f"{self.name} {change.after}")
        finally:
            await _end(phase)

    async def _next_change(self, phase: asyncio.Task[None]) -> PowerChange:
        """The next change of power; raises what the present phase died of, if it does."""
        change = asyncio.create_task(self._changes.get())
        try:
            await asyncio.wait({change, phase}, return_when=asyncio.FIRST_COMPLETED)
            if phase.done():
                phase.result()
            return await change
        finally:
            change.cancel()

    async def _found(self) -> None:
        """The server as it is when the lab begins: what is on its disk has been running for long."""
        try:
            if self.machine.power == "On" and self.disk:
                self.running, self.boot_id = "os", self._new_id()
                await self._node.running(self.disk, self.boot_id)
            elif self.machine.power == "On":
                self.running = "nothing"
        finally:
            self.ready.set()

    def _phase(self, change: PowerChange) -> Coroutine[Any, Any, None]:
        if change.after == "Off":
            self.running = "off"
            return self._silent("host is off")
        self.running = "firmware"
        self.boots += 1
        medium = self.machine.media.get("Cd")
        if change.boot_target == "Cd" and medium is not None and medium.image:
            return self._run_agent(medium.image)
        return self._boot_from_network() if change.boot_target == "Pxe" else self._run_system()

    async def _boot_from_network(self) -> None:
        """Boot what the network offers for this server, else its disk."""
        await self._silent("host is starting")
        found = await offered(self._boot_servers, self._mac, self._address)
        await (self._run_agent(found) if found else self._run_system())

    async def _run_agent(self, image: str) -> None:
        await self._pass(FIRMWARE_SECONDS + AGENT_BOOT_SECONDS)
        self.running = "agent"
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._silent("host runs an agent"))
            tasks.create_task(Agent(self, address=self._address, speed=self._speed).run(image))

    async def _run_system(self) -> None:
        await self._silent("host is starting")
        await self._pass(FIRMWARE_SECONDS)
        if self.disk is None:
            self.running = "nothing"
            return
        self.machine.progress("OSBootStarted")
        await self._pass(OS_BOOT_SECONDS)
        self.machine.progress("OSRunning")
        self.running, self.boot_id = "os", self._new_id()
        if self._hosted and self.disk.is_control_plane:
            await self._hosted.runs(self.name)
        await self._node.running(self.disk, self.boot_id)

    async def _silent(self, why: str) -> None:
        if self._hosted:
            self._hosted.halts(self.name)
        if self.disk:
            await self._node.silent(self.disk.node_name, why)

    async def _pass(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)

    def _new_id(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    # --- what an agent needs ---------------------------------------------------------------------------------------------

    def inventory(self) -> dict[str, Any]:
        """The hardware."""
        return inventory(
            name=self.name,
            mac=self._mac,
            address=self._lan_address,
            system_uuid=self.machine.uuid,
            bmc_address=self._bmc_address,
        )

    async def erase(self) -> None:
        """Wipe the disk; with the system its Node is gone."""
        lost, self.disk = self.disk, None
        if self._hosted:
            self._hosted.wiped(self.name)
        if lost is not None:
            await self._node.gone(lost.node_name)

    async def write(self, image: str, configdrive: Any) -> None:
        """Write an image to the disk."""
        if self._hosted:
            self._hosted.wiped(self.name)
        self.disk = written(image, configdrive, self.name, self._random)

    def shut_down(self) -> None:
        """Power off from within."""
        self.machine.apply(Action.POWER_OFF, SHUT_DOWN)


async def _end(task: asyncio.Task[None]) -> None:
    """Cancel and wait; raises what it died of."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.result()
