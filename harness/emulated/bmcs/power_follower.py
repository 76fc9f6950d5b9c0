"""The servers behind a sushy-emulator: they follow what it does to their power, and tell it where they power themselves off."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from bmc.machine import Action, BootOverride, Machine, Medium, PowerChange
from harness.emulated.bmcs import sushy_libvirt

CAUSE = "sushy-emulator"
OWN_ACCORD = ("OperatingSystem", "PowerLoss")

log = logging.getLogger(__name__)


class PowerFollower:
    """Applies sushy-emulator's power changes to the servers, and reports to it when a server powers itself off."""

    def __init__(
        self, session: aiohttp.ClientSession, machines: Mapping[str, Machine], *, fake: bool, ask_seconds: float
    ) -> None:
        self._ask_seconds = ask_seconds
        self._session = session
        self._machines = machines
        self._fake = fake
        self._told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._ended: asyncio.Queue[str] = asyncio.Queue()
        for machine in machines.values():
            machine.on_power.append(self._on_power)

    async def notified(self, request: web.Request) -> web.Response:
        """The fake driver's whole record of one system, or a request that was done with the other one."""
        self._told.put_nowait(msgspec.json.decode(await request.read()))
        return web.Response()

    async def run(self) -> None:
        """Follow until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow())
            tasks.create_task(self._tell())
            if self._fake:
                tasks.create_task(self._ask())

    def _on_power(self, machine: Machine, change: PowerChange) -> None:
        if change.after == "Off" and change.cause in OWN_ACCORD:
            self._ended.put_nowait(machine.uuid)

    async def _follow(self) -> None:
        while True:
            told = await self._told.get()
            if self._fake:
                await self._follow_record(told)
            else:
                sushy_libvirt.follow(self._machines, told)

    async def _follow_record(self, told: dict[str, Any]) -> None:
        machine = self._machines[told["uuid"]]
        if told["power_state"] == "Off":
            machine.apply(Action.POWER_OFF, CAUSE)
        elif machine.power == "Off":
            image = (await self._get(f"/redfish/v1/Systems/{machine.uuid}/VirtualMedia/Cd")).get("Image")
            machine.media["Cd"] = Medium(image=image or None)
            machine.set_boot(BootOverride(target=told.get("boot_device", "Hdd"), enabled="Continuous"))
            machine.apply(Action.POWER_ON, CAUSE)

    async def _ask(self) -> None:
        while True:
            for uuid in self._machines:
                await self._get(f"/redfish/v1/Systems/{uuid}")
            await asyncio.sleep(self._ask_seconds)

    async def _tell(self) -> None:
        while True:
            path = f"/redfish/v1/Systems/{await self._ended.get()}/Actions/ComputerSystem.Reset"
            await self._request("POST", path, {"ResetType": "ForceOff"})

    async def _get(self, path: str) -> dict[str, Any]:
        return dict(msgspec.json.decode(await self._request("GET", path)))

    async def _request(self, method: str, path: str, body: object = None) -> bytes:
        """Ask until it answers: under load it fails now and then, and all that is asked here may be asked twice."""
        while True:
            try:
                async with self._session.request(method, path, json=body) as answer:
                    answer.raise_for_status()
                    return await answer.read()
            except (aiohttp.ClientError, TimeoutError) as error:
                log.warning("%s %s: %s", method, path, error)
            await asyncio.sleep(self._ask_seconds)
