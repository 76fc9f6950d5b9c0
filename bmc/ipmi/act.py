"""Acting on a BMC over IPMI; used by the steps and faults of a scenario only.

Each action has a session of its own, which is closed afterwards; `deadline_seconds` bounds its login and each command. A command
that changes a server is sent once. If its answer is lost, BmcError has kind `dropped`, and the command is not repeated, because
it may have been executed.
"""

from contextlib import aclosing

from bmc.address import parse_ipmi_address
from bmc.errors import BmcError
from bmc.ipmi import boot_flags
from bmc.ipmi.boot_flags import BootFlags
from bmc.ipmi.client.connection import IpmiConnection
from bmc.ipmi.wire import (
    APP,
    BOOT_FLAGS,
    BOOT_FLAGS_VALID,
    CHASSIS,
    CONTROLS,
    ENTERPRISE,
    ENTERPRISE_BYTES,
    KEEP_VALID_AFTER_TIMEOUT,
    OEM_GROUP,
    App,
    Chassis,
    Oem,
)
from bmc.model import Credentials
from bmc.names import ACTOR_USER_AGENT

DEADLINE_SECONDS = 10.0
_SAME = {"ForceOn": "On"}


async def power_state(address: str, credentials: Credentials | None, *, deadline_seconds: float = DEADLINE_SECONDS) -> str:
    """`On` or `Off`. Raises BmcError."""
    async with aclosing(_ActionSession(address, credentials, deadline_seconds)) as line:
        data = await line.send(CHASSIS, Chassis.GET_STATUS)
        return "On" if data[:1] and data[0] & 1 else "Off"


async def reset(
    address: str, credentials: Credentials | None, reset_type: str, *, deadline_seconds: float = DEADLINE_SECONDS
) -> None:
    """Send the Chassis Control that corresponds to this Redfish ResetType.

    Raises BmcError; after `dropped` it may have been executed.
    """
    control = CONTROLS.get(_SAME.get(reset_type, reset_type))
    if control is None:
        raise BmcError(kind="refused", blame="us", says=f"IPMI has no {reset_type!r}; it has {', '.join(CONTROLS)}")
    async with aclosing(_ActionSession(address, credentials, deadline_seconds)) as line:
        await line.send(CHASSIS, Chassis.CONTROL, bytes([control]))


async def set_boot(  # noqa: PLR0913 - a boot override has so many sides
    address: str,
    credentials: Credentials | None,
    target: str,
    *,
    enabled: str = "Once",
    mode: str = "UEFI",
    deadline_seconds: float = DEADLINE_SECONDS,
) -> None:
    """Set the boot flags: a Redfish BootSource, and `Once`, `Continuous` or `Disabled`. Raises BmcError."""
    try:
        flags = boot_flags.encode(BootFlags(target, enabled if target != "None" else "Disabled", mode))
    except KeyError as error:
        raise BmcError(kind="refused", blame="us", says=f"IPMI has no boot device {target!r}") from error
    async with aclosing(_ActionSession(address, credentials, deadline_seconds)) as line:
        await line.keep_flags_valid()
        await line.send(CHASSIS, Chassis.SET_BOOT_OPTIONS, bytes([BOOT_FLAGS]) + flags)


class _ActionSession:
    """A session for one action."""

    def __init__(self, address: str, credentials: Credentials | None, deadline_seconds: float) -> None:
        self._connection = IpmiConnection(parse_ipmi_address(address), credentials, deadline_seconds=deadline_seconds)
        self._introduced = False

    async def aclose(self) -> None:
        await self._connection.close()

    async def send(self, netfn: int, command: int, data: bytes = b"") -> bytes:
        """Send one command, once."""
        if not self._introduced:
            await self._introduce()
        return await self._connection.command(netfn, command, data, once=True)

    async def keep_flags_valid(self) -> None:
        """Ask the BMC to keep boot flags longer than the default 60 s; a BMC without this parameter is left as it is."""
        try:
            await self.send(CHASSIS, Chassis.SET_BOOT_OPTIONS, bytes([BOOT_FLAGS_VALID, KEEP_VALID_AFTER_TIMEOUT]))
        except BmcError as error:
            if error.kind != "missing":
                raise

    async def _introduce(self) -> None:
        self._introduced = True
        answer = await self._connection.command(APP, App.GET_DEVICE_ID)
        if int.from_bytes(answer[6:9], "little") & 0xFFFFF == ENTERPRISE:
            await self._connection.command(OEM_GROUP, Oem.INTRODUCE, ENTERPRISE_BYTES + ACTOR_USER_AGENT.encode())
