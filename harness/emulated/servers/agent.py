"""The agent that an Ironic boots on a server: it reports, then does what it is told (ironic-python-agent's API).

It finds its Ironic only through what it was booted from: `ipa-inspection-callback-url` (inspection), `ipa-api-url` (cleaning,
deployment) and `ipa-agent-token`, kernel parameters within an image's bytes, or in a network boot's script, which has no
token: that is given at the lookup, once. A real Ironic's have them too.
"""

import asyncio
import hashlib
import re
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import aiohttp
import msgspec
from aiohttp import web

from harness.emulated.plan.network import SHUTDOWN_SECONDS

Body = dict[str, Any]

LOOK_SECONDS = 1.0
LEAST_LOOK_SECONDS = 0.02
HEARTBEAT_SECONDS = 5.0
LEAST_HEARTBEAT_SECONDS = 0.5
ANSWER_SECONDS = 30.0
INSPECT_SECONDS = 1.0
ERASE_SECONDS = 2.0
WRITE_SECONDS = 4.0
VERSION = "11.5.0"
VERSIONED = {"X-OpenStack-Ironic-API-Version": "1.68"}
"""Version header of lookups and heartbeats; inspection data is sent without it, which Ironic accepts from any ramdisk."""
ALGORITHMS = {64: "sha256", 128: "sha512"}
MANAGER = "GenericHardwareManager"


class Hardware(Protocol):
    """What an agent needs of the server that it runs on."""

    def inventory(self) -> Body:
        """What `continue_inspection` reports."""

    async def erase(self) -> None:
        """Wipe the disk."""

    async def write(self, image: str, configdrive: Any) -> None:
        """Write an image to the disk."""

    def shut_down(self) -> None:
        """Power off from within."""


class AgentParameters(NamedTuple):
    """What the boot image says; empty where it does not."""

    inspection_url: str
    api_url: str
    token: str

    @classmethod
    def read(cls, image: bytes) -> "AgentParameters":
        """Find the kernel parameters in an image."""
        names = ("ipa-inspection-callback-url", "ipa-api-url", "ipa-agent-token")
        found = [re.search(rb"%s=(\S+)" % name.encode(), image) for name in names]
        return cls(*(match.group(1).decode() if match else "" for match in found))


class AgentCommandError(Exception):
    """A command that the agent could not carry out."""


class Agent:
    """One agent, from its boot to the power-off. `address` is where it listens and calls from; `speed` divides its delays."""

    def __init__(self, hardware: Hardware, *, address: str, speed: float) -> None:
        self._hardware = hardware
        self._address = address
        self._speed = speed
        self._orders = AgentParameters("", "", "")
        self._callback_url = ""
        self._node = ""
        self._commands: list[Body] = []

    async def run(self, image_url: str) -> None:
        """Live until cancelled."""
        connector = aiohttp.TCPConnector(local_addr=(self._address, 0), force_close=True)
        limit = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        async with aiohttp.ClientSession(connector=connector, timeout=limit) as self._http, asyncio.TaskGroup() as self._work:
            self._orders = AgentParameters.read(await self._fetch_for_ever(image_url))
            runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
            await runner.setup()
            try:
                await web.TCPSite(runner, self._address, 0).start()
                self._callback_url = f"http://{self._address}:{runner.addresses[0][1]}"
                await self._report()
                await asyncio.Event().wait()
            finally:
                await runner.cleanup()

    async def _look_again(self) -> None:
        await asyncio.sleep(max(LOOK_SECONDS / self._speed, LEAST_LOOK_SECONDS))

    async def _fetch_for_ever(self, url: str) -> bytes:
        while True:
            try:
                return await self._fetch(url)
            except (aiohttp.ClientError, TimeoutError):
                await self._look_again()

    async def _fetch(self, url: str) -> bytes:
        async with self._http.get(url) as answer:
            answer.raise_for_status()
            return await answer.read()

    # --- reporting -------------------------------------------------------------------------------------------------------

    async def _report(self) -> None:
        """Report until Ironic accepts it: inspection data when inspecting, else a heartbeat."""
        await asyncio.sleep(INSPECT_SECONDS / self._speed)
        while not await self._inspected():
            if await self._heartbeat():
                await self._remind()
                return
            await self._look_again()

    async def _remind(self) -> None:
        """Send heartbeats until the next command: a conductor ignores the heartbeat of a node that it has locked."""
        ordered = len(self._commands)
        while True:
            await asyncio.sleep(max(HEARTBEAT_SECONDS / self._speed, LEAST_HEARTBEAT_SECONDS))
            if len(self._commands) > ordered:
                return
            await self._heartbeat()

    async def _inspected(self) -> bool:
        if not self._orders.inspection_url:
            return False
        found = {"inventory": self._hardware.inventory()}
        return await self._taken("POST", self._orders.inspection_url, found, headers={}) is not None

    async def _heartbeat(self) -> bool:
        api = self._orders.api_url
        if not api:
            return False
        addresses = ",".join(interface["mac_address"] for interface in self._hardware.inventory()["interfaces"])
        if not self._node:
            found = await self._taken("GET", f"{api}/v1/lookup?addresses={addresses}")
            self._node = found["node"]["uuid"] if found else ""
            if found and not self._orders.token:
                self._orders = self._orders._replace(token=str(found["config"].get("agent_token", "")))
        body = {"callback_url": self._callback_url, "agent_token": self._orders.token, "agent_version": VERSION}
        return bool(self._node) and await self._taken("POST", f"{api}/v1/heartbeat/{self._node}", body) is not None

    async def _taken(
        self, method: str, url: str, body: Body | None = None, headers: Mapping[str, str] = VERSIONED
    ) -> Body | None:
        """The answer's JSON, {} where it has none, None where the request was not taken."""
        try:
            async with self._http.request(method, url, json=body, headers=headers) as answer:
                content = await answer.read()
                if answer.status >= 400:
                    return None
                return msgspec.json.decode(content, type=Body) if content else {}
        except (aiohttp.ClientError, TimeoutError, msgspec.DecodeError):
            return None

    # --- commands --------------------------------------------------------------------------------------------------------

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=64 << 20)
        application.add_routes([web.post("/v1/commands/", self._command), web.get("/v1/commands/", self._list_commands)])
        return application

    async def _list_commands(self, _: web.Request) -> web.Response:
        return web.json_response({"commands": self._commands})

    async def _command(self, request: web.Request) -> web.Response:
        if request.query.get("agent_token") != self._orders.token:
            return web.json_response({"faultstring": "Invalid agent token."}, status=401)
        body = msgspec.json.decode(await request.read(), type=Body)
        name, params = str(body.get("name")), body.get("params") or {}
        status: Body = {"id": str(len(self._commands)), "command_name": name.rpartition(".")[2], "command_params": {}}
        status.update(command_status="RUNNING", command_result=None, command_error=None)
        self._commands.append(status)
        if request.query.get("wait") == "true":
            await self._obey(status, name, params)
        else:
            self._work.create_task(self._obey_and_tell(status, name, params))
        return web.json_response(status)

    async def _obey(self, status: Body, name: str, params: Body) -> None:
        try:
            status.update(command_result=await self._carry_out(name, params), command_status="SUCCEEDED")
        except AgentCommandError as error:
            status.update(command_error=str(error), command_status="FAILED")

    async def _obey_and_tell(self, status: Body, name: str, params: Body) -> None:
        """Execute a command, then report its end by a heartbeat, since Ironic does not wait for the answer."""
        await self._obey(status, name, params)
        while not await self._heartbeat():
            await self._look_again()
        await self._remind()

    async def _carry_out(self, name: str, params: Body) -> Body | None:
        match name:
            case "clean.get_clean_steps" | "deploy.get_deploy_steps":
                kind = name.partition(".")[0]
                return {f"{kind}_steps": {MANAGER: [_STEPS[kind]]}, "hardware_manager_version": {MANAGER: "1.2"}}
            case "clean.execute_clean_step":
                await asyncio.sleep(ERASE_SECONDS / self._speed)
                await self._hardware.erase()
                return {"clean_result": None, "clean_step": params.get("step")}
            case "deploy.execute_deploy_step":
                await self._write(params.get("step") or {})
                return {"deploy_result": None, "deploy_step": params.get("step")}
            case "standby.power_off":
                asyncio.get_running_loop().call_soon(self._hardware.shut_down)
                return {"result": None}
            case "standby.sync" | "standby.get_partition_uuids" | "image.install_bootloader":
                return {"result": {}}
        raise AgentCommandError(f"no such command: {name}")

    async def _write(self, step: Body) -> None:
        if step.get("step") != "write_image":
            raise AgentCommandError(f"no such deploy step: {step.get('step')}")
        arguments = step.get("args") or {}
        image = arguments.get("image_info") or {}
        url = str(image.get("source") or next(iter(image.get("urls") or ()), ""))  # of ours, or of a real Ironic
        try:
            content = await self._fetch(url)
            wanted = await self._checksum(str(image.get("os_hash_value") or image.get("checksum") or ""))
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise AgentCommandError(f"the image {url} cannot be fetched: {type(error).__name__}") from error
        _verify(content, wanted)
        await asyncio.sleep(WRITE_SECONDS / self._speed)
        await self._hardware.write(url, arguments.get("configdrive"))

    async def _checksum(self, said: str) -> str:
        """A checksum may be given as the URL of a file that begins with it."""
        if "://" not in said:
            return said
        return ((await self._fetch(said)).decode().split() or [""])[0]


_STEPS: dict[str, Body] = {
    "clean": {"step": "erase_devices_metadata", "priority": 10, "interface": "deploy", "reboot_requested": False},
    "deploy": {"step": "write_image", "priority": 80, "interface": "deploy", "reboot_requested": False},
}


def _verify(content: bytes, wanted: str) -> None:
    algorithm = ALGORITHMS.get(len(wanted))
    if algorithm is None:
        raise AgentCommandError(f"a checksum of {len(wanted)} digits is neither SHA-256 nor SHA-512")
    if hashlib.new(algorithm, content).hexdigest() != wanted.lower():
        raise AgentCommandError("the image does not have its checksum")
