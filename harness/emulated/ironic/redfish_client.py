"""How this Ironic asks a BMC: the same requests, in the same order, as the real one's driver in recorded runs.

Three habits of the real driver that matter to whoever watches are kept: it opens a session with a POST, it sends a request
again, a Reset too, when the line breaks before the answer, and it asks again after a server error (5xx), but only with a GET.
"""

import asyncio
from http import HTTPStatus
from typing import Any

import aiohttp
import msgspec

from harness.emulated.ironic.bmc_client import POWER_CHANGE_SECONDS, BmcClientError, wait_power

Body = dict[str, Any]

USER_AGENT = "sushy/5.14.0"
TRIES = 10
RETRY_SECONDS = 3.0
ANSWER_SECONDS = 60.0

POWER_STATES = {"On": "power on", "Off": "power off", "PoweringOn": "power off", "PoweringOff": "power on"}


class RedfishClient:
    """One node's BMC. `session` has the Ironic's own address.

    All seconds are divided by `speed`, but an answer is waited for `least_answer_seconds` at least.
    """

    def __init__(self, session: aiohttp.ClientSession, driver_info: Body, speed: float, least_answer_seconds: float) -> None:
        self._http = session
        self._speed = speed
        self._address = str(driver_info.get("redfish_address", "")).rstrip("/")
        self._user = str(driver_info.get("redfish_username", ""))
        self._password = str(driver_info.get("redfish_password", ""))
        self._headers: dict[str, str] = {}
        self._ssl = driver_info.get("redfish_verify_ca", True) not in (False, "false", "False")
        self._limit = aiohttp.ClientTimeout(total=max(ANSWER_SECONDS / speed, least_answer_seconds))
        self.system_path = str(driver_info.get("redfish_system_id", ""))

    async def request(self, method: str, path: str, body: Body | None = None) -> Body:
        """One request, with a new login where the session has ended; BmcClientError where it was not done."""
        if not self._headers:
            await self._log_in()
        status, content = await self._send(method, path, body)
        if status == HTTPStatus.UNAUTHORIZED:
            await self._log_in()
            status, content = await self._send(method, path, body)
        if status >= HTTPStatus.BAD_REQUEST:
            raise BmcClientError(f"HTTP {method} {self._address}{path} returned code {status}. {_message(content)}")
        return content

    async def _log_in(self) -> None:
        self._headers = {}
        await self._send("GET", "/redfish/v1/", None)
        login = {"UserName": self._user, "Password": self._password}
        status, _ = await self._send("POST", "/redfish/v1/SessionService/Sessions", login)
        if status == HTTPStatus.NOT_FOUND:
            self._headers = {"Authorization": aiohttp.encode_basic_auth(self._user, self._password)}
        elif status >= HTTPStatus.BAD_REQUEST:
            raise BmcClientError(f"the BMC at {self._address} refused the credentials (HTTP {status})")

    async def _send(self, method: str, path: str, body: Body | None) -> tuple[int, Body]:
        for left in reversed(range(TRIES)):
            try:
                status, content = await self._send_once(method, path, body)
                if method != "GET" or status < HTTPStatus.INTERNAL_SERVER_ERROR or not left:
                    return status, content
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if not left:
                    raise BmcClientError(f"Unable to connect to {self._address}{path}. Error: {type(error).__name__}") from error
            await asyncio.sleep(RETRY_SECONDS / self._speed)
        raise AssertionError("the last try either answers or raises")

    async def _send_once(self, method: str, path: str, body: Body | None) -> tuple[int, Body]:
        data = None if body is None else msgspec.json.encode(body)
        headers = {"OData-Version": "4.0", **self._headers} | ({"Content-Type": "application/json"} if data else {})
        url = self._address + path
        async with self._http.request(method, url, data=data, headers=headers, ssl=self._ssl, timeout=self._limit) as answer:
            content = await answer.read()
            token = answer.headers.get("X-Auth-Token")
            if token:
                self._headers = {"X-Auth-Token": token}
            return answer.status, _decoded(content)

    # --- reading -------------------------------------------------------------------------------------------------------

    async def system(self, times: int = 1) -> Body:
        """The System, asked as often as the real driver does."""
        for _ in range(times - 1):
            await self.request("GET", self.system_path)
        return await self.request("GET", self.system_path)

    async def power_state(self, times: int = 1) -> str:
        """`power on` or `power off`."""
        said = str((await self.system(times)).get("PowerState"))
        if said not in POWER_STATES:
            raise BmcClientError(f"the BMC at {self._address} says PowerState {said}")
        return POWER_STATES[said]

    async def detect_vendor(self) -> None:
        """The System tells it, which has been asked already."""

    async def boot_mode(self) -> None:
        """What the driver reads to learn boot mode and secure boot."""
        system = await self.system()
        await self._follow(system, "SecureBoot")
        await self.system()

    async def firmware(self) -> list[Body]:
        """The firmware components that Ironic caches, as its API shows them."""
        system = await self.system()
        manager = await self._follow(system, "Links", "ManagedBy")
        await self._follow(system, "Links", "Chassis")
        versions = {"bios": system.get("BiosVersion"), "bmc": manager.get("FirmwareVersion")}
        return [
            {"component": name, "initial_version": version, "current_version": version, "last_version_flashed": None}
            for name, version in versions.items()
            if version
        ]

    async def bios(self) -> list[Body]:
        """The BIOS settings that Ironic caches; none where the BMC has no such resource."""
        system = await self.system()
        if "Bios" not in system:
            return []
        attributes = (await self._follow(system, "Bios")).get("Attributes", {})
        return [{"name": name, "value": str(value)} for name, value in sorted(attributes.items())]

    async def mac_addresses(self) -> list[str]:
        """Those of the System's interfaces."""
        interfaces = await self._members(await self._follow(await self.system(), "EthernetInterfaces"))
        return [interface["MACAddress"] for interface in interfaces if interface.get("MACAddress")]

    async def _follow(self, document: Body, *names: str) -> Body:
        """The resource that a link of this document leads to; empty where there is no such link."""
        found: Any = document
        for name in names:
            found = found.get(name, {}) if isinstance(found, dict) else {}
        link = found[0] if isinstance(found, list) and found else found
        return await self.request("GET", link["@odata.id"]) if isinstance(link, dict) and "@odata.id" in link else {}

    async def _members(self, collection: Body) -> list[Body]:
        return [await self._follow(member) for member in collection.get("Members", [])]

    async def _media(self, system: Body) -> list[Body]:
        holder = system if "VirtualMedia" in system else await self._follow(system, "Links", "ManagedBy")
        return await self._members(await self._follow(holder, "VirtualMedia"))

    # --- acting --------------------------------------------------------------------------------------------------------

    async def eject_all(self) -> None:
        """Take inserted media out; only reads where there are none."""
        await self._follow(await self.system(), "Links", "ManagedBy")
        system = await self.system()
        for device in await self._media(system):
            if device.get("Inserted"):
                await self.request("POST", _action(device, "#VirtualMedia.EjectMedia"))
        await self._media(system)

    async def insert(self, image: str) -> None:
        """Put an image into the first optical drive."""
        for _ in range(2):
            await self._media(await self.system())
        await self.system()
        drives = [
            device for device in await self._media(await self.system()) if {"CD", "DVD"} & set(device.get("MediaTypes", []))
        ]
        if not drives:
            raise BmcClientError(f"the BMC at {self._address} has no virtual optical drive")
        await self.request("POST", _action(drives[0], "#VirtualMedia.InsertMedia"), {"Image": image})

    async def boot_from(self, target: str, *, once: bool = False) -> None:
        """Override what boots next."""
        await self.system(3)
        boot = {"BootSourceOverrideTarget": target, "HttpBootUri": None} | ({"BootSourceOverrideEnabled": "Once"} if once else {})
        await self.request("PATCH", self.system_path, {"Boot": boot})
        await self.system()

    async def power(
        self,
        target: str,
        reset: str,
        limit_seconds: float = POWER_CHANGE_SECONDS,
        *,
        is_needed: bool = False,  # noqa: ARG002 - this driver always looks
    ) -> None:
        """Reset until the power is `target`; nothing is sent where it is already."""
        system = await self.system(2)
        if POWER_STATES.get(str(system.get("PowerState"))) == target:
            return
        await self.request("POST", _action(system, "#ComputerSystem.Reset"), {"ResetType": reset})
        await self.wait_power(target, limit_seconds)

    async def wait_power(self, target: str, limit_seconds: float = POWER_CHANGE_SECONDS) -> None:
        """Look until the power is `target`; BmcClientError when it takes longer than the limit."""
        await wait_power(self, target, limit_seconds, self._speed)


def _action(document: Body, name: str) -> str:
    try:
        return str(document["Actions"][name]["target"])
    except (KeyError, TypeError) as error:
        raise BmcClientError(f"The attribute Actions/{name}/target is missing from {document.get('@odata.id')}") from error


def _decoded(content: bytes) -> Body:
    try:
        document = msgspec.json.decode(content) if content else {}
    except msgspec.DecodeError as error:
        raise BmcClientError("the BMC answered something that is not JSON") from error
    return document if isinstance(document, dict) else {}


def _message(content: Body) -> str:
    error = content.get("error", {})
    return str(error.get("message", "")) if isinstance(error, dict) else ""
