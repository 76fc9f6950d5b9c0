"""A real Ironic 39 judges the personalities of the emulated BMC: what Metal3 does with a host, but for what needs an agent.

    python -m tests.bmc.judges.run_ironic [--only NAME]...

Each is registered, managed (verified), inspected over Redfish, given and taken virtual media, set to boot from elsewhere, adopted, and
switched off, on and over; what Ironic then believes is compared with the machine. Printed is a line for each; the exit code is 1 where
one failed.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
from aiohttp import web

from bmc.machine import Machine
from bmc.redfish.personality import PERSONALITIES
from tests.bmc.judges.environment import HERE, ROOT, made
from tests.bmc.judges.ironic_process import VERSION, ironic
from tests.bmc.serving import CREDENTIALS, Bmc, emulated, served

VENV = ROOT / "build" / "judges-ironic"
REQUIREMENTS = HERE / "requirements-ironic.txt"
STEP_SECONDS = 120.0
POWER_SECONDS = 0.2
IMAGE = b"an image" * 512


class StepFailedError(Exception):
    """A step did not end as it should; says what Ironic said."""


class Node:
    """One node of an Ironic, and the emulated BMC behind it."""

    def __init__(self, client: aiohttp.ClientSession, name: str, bmc: Bmc, image: str) -> None:
        self.bmc = bmc
        self.image = image
        self._client = client
        self._name = name

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask Ironic; its answer's body."""
        async with self._client.request(method, path, json=body) as response:
            content = await response.json() if response.content_type == "application/json" else None
            if response.status >= 400:
                raise StepFailedError(f"{method} {path}: {response.status} {content}")
            return content

    async def of(self, rest: str, method: str = "GET", body: Any = None) -> Any:
        """The same, of this node."""
        return await self.ask(method, f"/v1/nodes/{self._name}{rest}", body)

    async def register(self, personality_system: str) -> None:
        """Create the node, and a port."""
        driver = {
            "redfish_address": self.bmc.base,
            "redfish_system_id": personality_system,
            "redfish_username": CREDENTIALS.username,
            "redfish_password": CREDENTIALS.password,
        }
        interfaces = {"boot_interface": "redfish-virtual-media", "inspect_interface": "redfish"}
        if PERSONALITIES[self._name].has_bios:
            interfaces["bios_interface"] = "redfish"
        body = {"name": self._name, "uuid": str(uuid4()), "driver": "redfish", "driver_info": driver, **interfaces}
        await self.ask("POST", "/v1/nodes", body)

    async def provision(self, verb: str, state: str) -> None:
        """Ask for a provision state, and wait for it."""
        await self.of("/states/provision", "PUT", {"target": verb})
        await self.until(lambda node: node["provision_state"] == state)

    async def until(self, reached: Callable[[Any], bool]) -> Any:
        """Wait until the node is so, and nothing is going on; StepFailedError for an error or a time-out."""
        node: Any = {}
        try:
            async with asyncio.timeout(STEP_SECONDS):
                while not (reached(node := await self.of("")) and node["reservation"] is None):
                    if node["last_error"]:
                        raise StepFailedError(node["last_error"])
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise StepFailedError(f"still {node.get('provision_state')}, {node.get('power_state')}") from None
        return node


async def manage(node: Node) -> None:
    """Verify credentials; read the power."""
    await node.provision("manage", "manageable")
    await node.until(lambda found: found["power_state"] == "power on")


async def inspect(node: Node) -> None:
    """Inspect over Redfish, without an agent."""
    await node.provision("inspect", "manageable")
    found = (await node.of(""))["properties"]
    if str(found.get("memory_mb")) != str(64 * 1024):
        raise StepFailedError(f"inspection found {found}")
    ports = (await node.ask("GET", f"/v1/ports?node={(await node.of(''))['uuid']}"))["ports"]
    addresses = [port["address"] for port in ports]
    if addresses != list(node.bmc.machine.mac_addresses):
        raise StepFailedError(f"inspection made ports {addresses}")


async def media(node: Node) -> None:
    """Attach virtual media, and detach it."""
    await node.of("/vmedia", "POST", {"device_type": "cdrom", "image_url": node.image, "image_download_source": "http"})
    await node.until(lambda _: node.bmc.machine.media["Cd"].inserted)
    await node.of("/vmedia", "DELETE")
    await node.until(lambda _: not node.bmc.machine.media["Cd"].inserted)


async def boot_device(node: Node) -> None:
    """Set the boot device once, then for good; read it back."""
    for device, persistent, target in (("pxe", False, "Pxe"), ("cdrom", False, "Cd"), ("disk", True, "Hdd")):
        await node.of("/management/boot_device", "PUT", {"boot_device": device, "persistent": persistent})
        if node.bmc.machine.boot.target != target:
            raise StepFailedError(f"{device} became {node.bmc.machine.boot}")
        read = await node.of("/management/boot_device")
        if read["boot_device"] != device:
            raise StepFailedError(f"{device} is read as {read}")


async def adopt(node: Node) -> None:
    """Adopt the running server, without a reset."""
    before = node.bmc.machine.reset_count
    changes = {"image_source": node.image, "image_os_hash_algo": "sha256", "image_os_hash_value": "0" * 64}
    operations = [{"op": "add", "path": f"/instance_info/{name}", "value": value} for name, value in changes.items()]
    operations.append({"op": "add", "path": "/instance_uuid", "value": str(uuid4())})
    await node.of("", "PATCH", operations)
    await node.provision("adopt", "active")
    if node.bmc.machine.reset_count != before:
        raise StepFailedError("the server was reset")


async def power(node: Node) -> None:
    """Off, on, and over; each as Ironic believes it and as the machine is."""
    machine = node.bmc.machine
    for target, state in (
        ("power off", "Off"),
        ("power on", "On"),
        ("rebooting", "On"),
        ("soft power off", "Off"),
        ("power on", "On"),
    ):
        resets = machine.reset_count
        await node.of("/states/power", "PUT", {"target": target})
        believed = f"power {state.lower()}"
        await node.until(
            lambda found, believed=believed: found["power_state"] == believed and found["target_power_state"] is None
        )
        if machine.power != state or (state == "On" and machine.reset_count == resets):
            raise StepFailedError(f"after {target} the machine is {machine.power}, with {machine.reset_count - resets} resets")


STEPS: tuple[Callable[[Node], Awaitable[None]], ...] = (manage, inspect, media, boot_device, adopt, power)


@dataclass(frozen=True)
class Outcome:
    """How far one personality came; `says` is empty where all went well."""

    name: str
    done: tuple[str, ...]
    says: str


async def judge(names: Sequence[str] = ()) -> list[Outcome]:
    """Have these personalities judged; all, where none is named."""
    programs = await asyncio.to_thread(made, VENV, REQUIREMENTS)
    with tempfile.TemporaryDirectory() as directory:
        async with (
            ironic(programs, Path(directory)) as url,
            _images() as image,
            aiohttp.ClientSession(url, headers=VERSION) as client,
        ):
            return [await _judge(client, name, image) for name in names or PERSONALITIES]


async def _judge(client: aiohttp.ClientSession, name: str, image: str) -> Outcome:
    mac = f"52:54:00:00:00:{list(PERSONALITIES).index(name):02x}"
    machine = Machine(name="node-0", uuid=str(uuid4()), clock=lambda: datetime.now(UTC), mac_addresses=(mac,))
    done: list[str] = []
    personality = PERSONALITIES[name]
    system_id = personality.system_id or machine.uuid
    async with emulated(machine, power_seconds=POWER_SECONDS, personality=personality, system_id=system_id) as bmc:
        node = Node(client, name, bmc, image)
        try:
            await node.register(f"/redfish/v1/Systems/{system_id}")
            for step in STEPS:
                await step(node)
                done.append(step.__name__)
        except StepFailedError as error:
            return Outcome(name, tuple(done), str(error))
        finally:
            # Gone from Ironic before its BMC is gone.
            await node.of("/maintenance", "PUT", {"reason": "judged"})
    return Outcome(name, tuple(done), "")


@asynccontextmanager
async def _images() -> AsyncIterator[str]:
    """A server of one image: its URL."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=IMAGE)

    app = web.Application()
    app.router.add_get("/image.iso", answer)
    async with served(app) as port:
        yield f"http://127.0.0.1:{port}/image.iso"


def main() -> int:
    """Run, print, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=PERSONALITIES, default=[])
    outcomes = asyncio.run(judge(parser.parse_args().only))
    for each in outcomes:
        sys.stdout.write(f"{each.name:18} {' '.join(each.done)}{' FAILED: ' + each.says if each.says else ''}\n")
    return 1 if any(each.says for each in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
