"""BMO's calls to its Ironic: nodes, ports, provision and power states."""

import base64
from collections.abc import Sequence
from typing import Any, Self

import aiohttp
import msgspec

from harness.emulated.controllers.runtime import RetryError
from harness.emulated.kube.client import Json

MICROVERSION = "1.95"
CALL_SECONDS = 30.0
USER_AGENT = "baremetal-operator gophercloud/v2"


class IronicError(RetryError):
    """Ironic's refusal: `code` is the HTTP status."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"Ironic answered {code}: {text}")
        self.code = code


class IronicApi:
    """One Ironic at `url`, called from `local_address`. Use as an async context manager."""

    def __init__(self, url: str, credentials: tuple[str, str] | None, *, local_address: str | None = None) -> None:
        self._url = url.rstrip("/")
        self._headers = {"X-OpenStack-Ironic-API-Version": MICROVERSION, "User-Agent": USER_AGENT}
        if credentials:
            self._headers["Authorization"] = f"Basic {base64.b64encode(':'.join(credentials).encode()).decode()}"
        self._local = (local_address, 0) if local_address else None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the connection pool."""
        timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
        connector = aiohttp.TCPConnector(local_addr=self._local)
        self._session = aiohttp.ClientSession(connector=connector, headers=self._headers, timeout=timeout)
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Close it."""
        if self._session:
            await self._session.close()
            self._session = None

    async def ready(self) -> bool:
        """Does it serve, and know a driver? What BMO asks before anything else."""
        try:
            await self._call("GET", "/v1/")
            drivers = await self._call("GET", "/v1/drivers")
        except (IronicError, aiohttp.ClientError, TimeoutError, OSError):
            return False
        return bool(drivers.get("drivers"))

    async def node(self, ident: str) -> Json | None:
        """The node of that id or name, or None."""
        return await self._find(f"/v1/nodes/{ident}")

    async def node_with_port(self, mac: str) -> Json | None:
        """The node whose port has that address, or None."""
        ports = await self._call("GET", "/v1/ports", query={"address": mac, "fields": "node_uuid"})
        return await self.node(ports["ports"][0]["node_uuid"]) if ports.get("ports") else None

    async def create_node(self, body: Json) -> Json:
        """Enrol a node."""
        return await self._call("POST", "/v1/nodes", body)

    async def create_port(self, node: str, mac: str, *, pxe: bool) -> None:
        """Give a node a port; one that it has already is well."""
        try:
            await self._call("POST", "/v1/ports", {"node_uuid": node, "address": mac, "pxe_enabled": pxe})
        except IronicError as error:
            if error.code != 409:
                raise

    async def patch_node(self, ident: str, operations: Sequence[Json]) -> Json:
        """RFC 6902."""
        return await self._call("PATCH", f"/v1/nodes/{ident}", list(operations))

    async def delete_node(self, ident: str) -> None:
        """Forget a node; one that is gone is well."""
        try:
            await self._call("DELETE", f"/v1/nodes/{ident}")
        except IronicError as error:
            if error.code != 404:
                raise

    async def provision(self, ident: str, target: str, **more: Any) -> None:
        """Change the provision state: manage, adopt, inspect, provide, active, deleted."""
        await self._call("PUT", f"/v1/nodes/{ident}/states/provision", {"target": target, **more})

    async def power(self, ident: str, target: str) -> None:
        """Change the power state: `power on`, `power off`, `soft power off`."""
        await self._call("PUT", f"/v1/nodes/{ident}/states/power", {"target": target})

    async def inventory(self, ident: str) -> Json | None:
        """What inspection found, or None."""
        found = await self._find(f"/v1/nodes/{ident}/inventory")
        return None if found is None else found["inventory"]

    async def bios(self, ident: str) -> list[Json]:
        """BIOS settings: name and value."""
        settings: list[Json] = (await self._call("GET", f"/v1/nodes/{ident}/bios", query={"detail": "True"}))["bios"]
        return settings

    async def firmware(self, ident: str) -> list[Json]:
        """Firmware components."""
        components: list[Json] = (await self._call("GET", f"/v1/nodes/{ident}/firmware"))["firmware"]
        return components

    async def _find(self, path: str) -> Json | None:
        try:
            return await self._call("GET", path)
        except IronicError as error:
            if error.code != 404:
                raise
            return None

    async def _call(self, method: str, path: str, body: object = None, *, query: dict[str, str] | None = None) -> Json:
        if self._session is None:
            raise RuntimeError("the client is used outside of its context")
        data = None if body is None else msgspec.json.encode(body)
        headers = {"Content-Type": "application/json"} if data else None
        async with self._session.request(method, self._url + path, data=data, params=query, headers=headers) as response:
            answer = await response.read()
        if response.status >= 400:
            raise IronicError(response.status, answer[:300].decode(errors="replace"))
        decoded: Json = msgspec.json.decode(answer) if answer else {}
        return decoded
