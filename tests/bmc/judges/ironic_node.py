"""One server as a node of a real Ironic: what is asked of it, whatever its BMC speaks."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import aiohttp

from bmc.machine import Machine
from tests.waiting import until

STEP_SECONDS = 300.0


class NodeStepError(Exception):
    """A step did not end as it should; says what Ironic said."""


class Node:
    """One node of an Ironic, and the machine behind it; `image` is the URL of something to boot from."""

    def __init__(self, client: aiohttp.ClientSession, name: str, machine: Machine, image: str) -> None:
        self.machine = machine
        self.image = image
        self._client = client
        self._name = name

    async def register(self, driver: str, driver_info: dict[str, Any], **interfaces: str) -> None:
        """Create the node."""
        body = {"name": self._name, "uuid": str(uuid4()), "driver": driver, "driver_info": driver_info, **interfaces}
        await self.ask("POST", "/v1/nodes", body)

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask Ironic; its answer's body."""
        async with self._client.request(method, path, json=body) as response:
            content = await response.json() if response.content_type == "application/json" else None
            if response.status >= 400:
                raise NodeStepError(f"{method} {path}: {response.status} {content}")
            return content

    async def of(self, rest: str, method: str = "GET", body: Any = None) -> Any:
        """The same, of this node."""
        return await self.ask(method, f"/v1/nodes/{self._name}{rest}", body)

    async def provision(self, verb: str, state: str) -> None:
        """Ask for a provision state, and wait for it."""
        await self.of("/states/provision", "PUT", {"target": verb})
        await self.until(lambda node: node["provision_state"] == state)

    async def until(self, reached: Callable[[Any], bool]) -> Any:
        """Wait until the node is so, and nothing is going on; NodeStepError for an error or a time-out."""
        node: Any = {}

        async def there() -> bool:
            nonlocal node
            node = await self.of("")
            done = reached(node) and node["reservation"] is None
            if node["last_error"] and not done:
                raise NodeStepError(node["last_error"])
            return done

        try:
            await until(there, seconds=STEP_SECONDS)
        except AssertionError:
            raise NodeStepError(f"still {node.get('provision_state')}, {node.get('power_state')}") from None
        return node

    def needs(self, holds: bool, what: str) -> None:
        """NodeStepError where it does not hold."""
        if not holds:
            raise NodeStepError(what)


Step = Callable[[Node], Awaitable[None]]


async def manage(node: Node) -> None:
    """Verify credentials; read the power."""
    await node.provision("manage", "manageable")
    await node.until(lambda found: found["power_state"] == "power on")


async def adopt(node: Node) -> None:
    """Adopt the running server, without a reset."""
    before = node.machine.reset_count
    changes = {"image_source": node.image, "image_os_hash_algo": "sha256", "image_os_hash_value": "0" * 64}
    operations = [{"op": "add", "path": f"/instance_info/{name}", "value": value} for name, value in changes.items()]
    operations.append({"op": "add", "path": "/instance_uuid", "value": str(uuid4())})
    await node.of("", "PATCH", operations)
    await node.provision("adopt", "active")
    node.needs(node.machine.reset_count == before, "the server was reset")


async def power(node: Node) -> None:
    """Off, on, and over, by force and softly; each as Ironic believes it and as the machine is."""
    machine = node.machine
    for target, state in (
        ("power off", "Off"),
        ("power on", "On"),
        ("rebooting", "On"),
        ("soft rebooting", "On"),
        ("soft power off", "Off"),
        ("power on", "On"),
    ):
        resets = machine.reset_count
        await node.of("/states/power", "PUT", {"target": target})
        believed = f"power {state.lower()}"
        await node.until(
            lambda found, believed=believed: found["power_state"] == believed and found["target_power_state"] is None
        )
        done = machine.power == state and (state == "Off" or machine.reset_count > resets)
        node.needs(done, f"after {target} the machine is {machine.power}, with {machine.reset_count - resets} resets")


async def nmi(node: Node) -> None:
    """Inject a non-maskable interrupt; it reaches the BMC, and the machine runs on."""
    before = node.machine.reset_count
    await node.of("/management/inject_nmi", "PUT", {})
    node.needs(any('"Nmi"' in each.body for each in node.machine.requests), "no interrupt was asked of the BMC")
    node.needs(node.machine.reset_count == before, "the server was reset")
