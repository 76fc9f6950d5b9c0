"""How this Ironic speaks with the agent (ironic-python-agent) that it booted on a server: image, token, heartbeat, commands.

The boot image is a text of kernel parameters, under the names that a real one carries: whoever boots it learns from it where
to report.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec

from harness.emulated.ironic.nodes import MASK, BaremetalNode, Database, IronicFaultError

Body = dict[str, Any]

COMMAND_SECONDS = 1800.0
LEAST_COMMAND_SECONDS = 20.0
LOOKUP_STATES = frozenset({"deploying", "wait call-back", "cleaning", "clean wait", "inspecting", "inspect wait"})


class AgentError(Exception):
    """An agent that did not call, answer, or do what it was told."""


class AgentLink:
    """The agents of all nodes. `url` is this Ironic's own, as its agents reach it."""

    def __init__(self, database: Database, session: aiohttp.ClientSession, url: str, speed: float) -> None:
        self.database = database
        self._http = session
        self._url = url
        self._speed = speed
        self._awaited: dict[str, asyncio.Future[Any]] = {}
        self._callbacks: dict[str, str] = {}

    # --- what the conductor needs --------------------------------------------------------------------------------------

    def image_of(self, node: BaremetalNode) -> str:
        """Make a new one-time token for this node's next agent; the URL of the image that carries it."""
        self._new_token(node, known=True)
        return f"{self._url}/redfish/boot-{node.uuid}.iso"

    def offer_netboot(self, node: BaremetalNode) -> None:
        """Make a new one-time token for this node's next agent.

        The agent gets it at its lookup, because network boot is public.
        """
        self._new_token(node, known=False)

    def _new_token(self, node: BaremetalNode, *, known: bool) -> None:
        node.agent_token = f"{self.database.random.getrandbits(256):064x}"
        node.agent_knows_token = known

    @contextlib.asynccontextmanager
    async def awaiting(self, node: BaremetalNode, limit_seconds: float) -> AsyncIterator[asyncio.Future[Any]]:
        """A future that the agent's next call fulfils; AgentError when it does not come in time."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._awaited[node.uuid] = future
        try:
            async with asyncio.timeout(max(limit_seconds / self._speed, LEAST_COMMAND_SECONDS)):
                yield future
        except TimeoutError as error:
            raise AgentError(f"Timeout reached while waiting for callback for node {node.uuid}") from error
        finally:
            self._awaited.pop(node.uuid, None)

    async def command(self, agent_of: BaremetalNode, name: str, **params: Any) -> Any:
        """Let the agent do one thing and wait for its result."""
        url = f"{self._callbacks[agent_of.uuid]}/v1/commands/"
        query = {"wait": "true", "agent_token": agent_of.agent_token}
        limit = aiohttp.ClientTimeout(total=max(COMMAND_SECONDS / self._speed, LEAST_COMMAND_SECONDS))
        body = msgspec.json.encode({"name": name, "params": params})
        headers = {"Content-Type": "application/json"}
        try:
            async with self._http.post(url, params=query, data=body, headers=headers, timeout=limit) as answer:
                result = msgspec.json.decode(await answer.read())
        except (aiohttp.ClientError, TimeoutError, msgspec.DecodeError) as error:
            raise AgentError(f"Failed to invoke command {name} on the agent: {type(error).__name__}") from error
        if result.get("command_status") != "SUCCEEDED":
            raise AgentError(f"Agent returned error for {name}: {result.get('command_error')}")
        return result["command_result"]

    # --- what agents ask (public paths of the API) -----------------------------------------------------------------------

    def image(self, ident: str) -> str:
        """The boot image of a node."""
        node = self.database.find(ident)
        if not node.agent_token:
            raise IronicFaultError(404, f"There is no image for node {ident}.")
        return f"{self._parameters()} ipa-agent-token={node.agent_token}\n"

    def netboot(self, mac: str) -> str:
        """What the server with this MAC address shall boot from the network; IronicFaultError (404): nothing of ours."""
        node = next((self.database.nodes[port["node_uuid"]] for port in self.database.ports_with([mac])), None)
        if node is None or node.state not in LOOKUP_STATES or not node.agent_token:
            raise IronicFaultError(404, f"There is nothing to boot for {mac}.")
        return f"#!ipxe\nkernel {self._url}/ipa.kernel {self._parameters()}\ninitrd {self._url}/ipa.initramfs\nboot\n"

    def _parameters(self) -> str:
        return f"ipa-api-url={self._url} ipa-inspection-callback-url={self._url}/v1/continue_inspection"

    def lookup(self, addresses: list[str], node_uuid: str) -> Body:
        """The agent asks which node it is on, and gets its token, once; IronicFaultError (404) unless that node waits for one."""
        ports = self.database.ports_with(addresses)
        ident = node_uuid or next((port["node_uuid"] for port in ports), "")
        node = self.database.nodes.get(ident)
        if node is None or node.state not in LOOKUP_STATES:
            raise IronicFaultError(404, "Node could not be found.")
        token = MASK if node.agent_knows_token else node.agent_token
        node.agent_knows_token = True
        config = {"heartbeat_timeout": 300, "agent_token": token, "agent_token_required": True, "metrics": {}}
        return {"node": node.shown(["uuid", "properties", "instance_info", "driver_internal_info"]), "config": config}

    def inspected(self, body: Body) -> BaremetalNode:
        """The agent reports what it found; IronicFaultError (404) unless its node waits for that."""
        interfaces = body.get("inventory", {}).get("interfaces", [])
        ports = self.database.ports_with([str(interface.get("mac_address", "")) for interface in interfaces])
        node = self.database.nodes.get(ports[0]["node_uuid"]) if ports else None
        if node is None or node.state != "inspect wait":
            raise IronicFaultError(404, "Node could not be found.")
        node.inventory = body["inventory"]
        self._fulfil(node)
        return node

    def heartbeat(self, ident: str, body: Body) -> None:
        """The agent tells where it listens; IronicFaultError (401, 409) for a wrong token or a node that is worked on."""
        node = self.database.find(ident)
        if not node.agent_token or body.get("agent_token") != node.agent_token:
            raise IronicFaultError(401, f"Missing or invalid agent token for node {ident}.")
        node.check_free()
        self._callbacks[node.uuid] = str(body.get("callback_url", "")).rstrip("/")
        if node.state in ("clean wait", "wait call-back"):
            self._fulfil(node)

    def _fulfil(self, node: BaremetalNode) -> None:
        future = self._awaited.get(node.uuid)
        if future is not None and not future.done():
            future.set_result(None)
