"""Boot flags on the wire and in Redfish's terms (IPMI 2.0 table 28-14, parameter 5)."""

from typing import NamedTuple

from bmc.ipmi.wire import BOOT_DEVICES

VALID = 0x80
PERSISTENT = 0x40
UEFI = 0x20
_SELECTORS = {name: number for number, name in reversed(BOOT_DEVICES.items())}


class BootFlags(NamedTuple):
    """Redfish `Boot` terms: target like `Pxe`, enabled `Disabled`, `Once` or `Continuous`, mode `UEFI` or `Legacy`."""

    target: str
    enabled: str
    mode: str


def decode(data: bytes) -> BootFlags:
    """The five bytes of the parameter. IndexError where they are fewer than two; an unknown device is named by its number."""
    flags, selector = data[0], data[1] >> 2 & 0b1111
    target = BOOT_DEVICES.get(selector, f"selector {selector}")
    enabled = ("Continuous" if flags & PERSISTENT else "Once") if flags & VALID else "Disabled"
    return BootFlags(target, enabled, "UEFI" if flags & UEFI else "Legacy")


def encode(flags: BootFlags) -> bytes:
    """The five bytes. KeyError for a target that IPMI has no selector for."""
    first = VALID if flags.enabled != "Disabled" else 0
    first |= PERSISTENT if flags.enabled == "Continuous" else 0
    first |= UEFI if flags.mode == "UEFI" else 0
    return bytes([first, _SELECTORS[flags.target] << 2, 0, 0, 0])
