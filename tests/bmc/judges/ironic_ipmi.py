"""What Ironic's hardware type `ipmi` does to an emulated IPMI BMC, by the ipmitool that it calls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle
from typing import Any

from bmc.ipmi.emulator import IpmiBmc
from bmc.machine import Machine
from tests.bmc.judges.ironic_node import Node, Step, adopt, manage, nmi, power
from tests.bmc.serving import CREDENTIALS

NAME = "ipmi"
INTERFACES = {
    "boot_interface": "ipxe",
    "inspect_interface": "no-inspect",
    "management_interface": "ipmitool",
    "power_interface": "ipmitool",
    "vendor_interface": "ipmitool",
}
TARGETS = {"pxe": "Pxe", "disk": "Hdd", "cdrom": "Cd", "bios": "BiosSetup", "safe": "Hdd"}
"""Ironic's boot devices -> what the machine then has for its next boot."""


@asynccontextmanager
async def ipmi_bmc(machine: Machine, _name: str) -> AsyncIterator[dict[str, Any]]:
    """The machine's BMC; what Ironic must know to reach it."""
    bmc = IpmiBmc(machine, credentials={CREDENTIALS.username: CREDENTIALS.password})
    port = await bmc.start("127.0.0.1")
    try:
        yield {
            "ipmi_address": "127.0.0.1",
            "ipmi_port": port,
            "ipmi_username": CREDENTIALS.username,
            "ipmi_password": CREDENTIALS.password,
        }
    finally:
        await bmc.stop()


async def boot_device(node: Node) -> None:
    """Every boot device that there is, by BIOS and by UEFI, once for one boot and once for good; read back."""
    supported = (await node.of("/management/boot_device/supported"))["supported_boot_devices"]
    node.needs(set(supported) == set(TARGETS), f"the boot devices are {supported}")
    for mode, durations in (("bios", cycle((False, True))), ("uefi", cycle((True, False)))):
        await node.of("", "PATCH", [{"op": "add", "path": "/properties/capabilities", "value": f"boot_mode:{mode}"}])
        for device, persistent in zip(TARGETS, durations, strict=False):
            await _boot_from(node, device, persistent=persistent, mode=mode)


async def _boot_from(node: Node, device: str, *, persistent: bool, mode: str) -> None:
    asked = {"boot_device": device, "persistent": persistent}
    await node.of("/management/boot_device", "PUT", asked)
    boot = node.machine.boot
    expected = (TARGETS[device], "Continuous" if persistent else "Once", "UEFI" if mode == "uefi" else "Legacy")
    node.needs((boot.target, boot.enabled, boot.mode) == expected, f"{asked} by {mode} became {boot}")
    read = await node.of("/management/boot_device")
    node.needs(read == asked, f"{asked} by {mode} is read as {read}")


async def passthru(node: Node) -> None:
    """Send a command of the caller's own, and restart the BMC, warm and cold; the server does not notice."""
    before, resets = node.machine.manager_reset_time, node.machine.reset_count
    await node.of("/vendor_passthru?method=send_raw", "POST", {"raw_bytes": "0x00 0x01"})
    await node.until(lambda _: True)
    node.needs(node.machine.manager_reset_time == before, "a harmless command restarted the BMC")
    for warm in (True, False):
        before = node.machine.manager_reset_time
        await node.of("/vendor_passthru?method=bmc_reset", "POST", {"warm": warm})
        await node.until(lambda _, before=before: node.machine.manager_reset_time > before)
    node.needs(node.machine.reset_count == resets, "the server was reset")


STEPS: tuple[Step, ...] = (manage, boot_device, adopt, nmi, passthru, power)
