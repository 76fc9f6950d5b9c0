"""What Ironic's hardware type `redfish` does to an emulated Redfish BMC: what Metal3 does with a host, but for what needs an agent."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bmc.machine import Machine
from bmc.redfish.personality import PERSONALITIES
from tests.bmc.judges.ironic_node import Node, NodeStepError, Step, adopt, manage, nmi, power
from tests.bmc.serving import CREDENTIALS, emulated

POWER_SECONDS = 0.2
INTERFACES = {"boot_interface": "redfish-virtual-media", "inspect_interface": "redfish"}


@asynccontextmanager
async def redfish_bmc(machine: Machine, name: str) -> AsyncIterator[dict[str, Any]]:
    """The machine's BMC as that personality; what Ironic must know to reach it."""
    personality = PERSONALITIES[name]
    system_id = personality.system_id or machine.uuid
    async with emulated(machine, power_seconds=POWER_SECONDS, personality=personality, system_id=system_id) as bmc:
        yield {
            "redfish_address": bmc.base,
            "redfish_system_id": f"/redfish/v1/Systems/{system_id}",
            "redfish_username": CREDENTIALS.username,
            "redfish_password": CREDENTIALS.password,
        }


def interfaces(name: str) -> dict[str, str]:
    """The interfaces of a node whose BMC has that personality."""
    return INTERFACES | ({"bios_interface": "redfish"} if PERSONALITIES[name].has_bios else {})


async def inspect(node: Node) -> None:
    """Inspect over Redfish, without an agent."""
    await node.provision("inspect", "manageable")
    found = (await node.of(""))["properties"]
    node.needs(str(found.get("memory_mb")) == str(64 * 1024), f"inspection found {found}")
    ports = (await node.ask("GET", f"/v1/ports?node={(await node.of(''))['uuid']}"))["ports"]
    addresses = [port["address"] for port in ports]
    node.needs(addresses == list(node.machine.mac_addresses), f"inspection made ports {addresses}")


async def media(node: Node) -> None:
    """Attach virtual media, and detach it."""
    await node.of("/vmedia", "POST", {"device_type": "cdrom", "image_url": node.image, "image_download_source": "http"})
    await node.until(lambda _: node.machine.media["Cd"].inserted)
    await node.of("/vmedia", "DELETE")
    await node.until(lambda _: not node.machine.media["Cd"].inserted)


async def boot_device(node: Node) -> None:
    """Set the boot device once, then for good; read it back."""
    for device, persistent, target in (("pxe", False, "Pxe"), ("cdrom", False, "Cd"), ("disk", True, "Hdd")):
        await node.of("/management/boot_device", "PUT", {"boot_device": device, "persistent": persistent})
        if node.machine.boot.target != target:
            raise NodeStepError(f"{device} became {node.machine.boot}")
        read = await node.of("/management/boot_device")
        node.needs(read["boot_device"] == device, f"{device} is read as {read}")


STEPS: tuple[Step, ...] = (manage, inspect, media, boot_device, adopt, nmi, power)
