"""Commands in words: the names and bodies under which a command is written down, as a request over Redfish would be.

`POST /ipmi/Chassis/Control` with `{"ResetType": ...}`, `POST /ipmi/Chassis/SetBootOptions` with `{"Boot": ...}`; any other command
has its data as hex, but for passwords. The status is HTTP's that means the same as the completion code.
"""

from enum import IntEnum
from typing import Any

from bmc.ipmi import boot_flags
from bmc.ipmi.wire import (
    APP,
    BOOT_FLAGS,
    CHASSIS,
    OEM_GROUP,
    RESET_TYPES,
    SENSOR,
    STORAGE,
    TRANSPORT,
    App,
    Chassis,
    Completion,
    Oem,
    Sensor,
    Storage,
    Transport,
)

LOGIN = "/ipmi/App/OpenSession"
"""The path of a login, whichever messages it consists of."""
UNDECODABLE = "/ipmi/Undecodable"
"""The path recorded for a packet that could not be decoded; its request is unknown."""

_FUNCTIONS: dict[int, tuple[str, type[IntEnum]]] = {
    CHASSIS: ("Chassis", Chassis),
    SENSOR: ("Sensor", Sensor),
    APP: ("App", App),
    STORAGE: ("Storage", Storage),
    TRANSPORT: ("Transport", Transport),
    OEM_GROUP: ("Oem", Oem),
}
_READS = ("GET_", "RESERVE_", "READ_")
_STATUSES: dict[int, int] = {
    Completion.OK: 200,
    Completion.PARAMETER_UNSUPPORTED: 404,
    Completion.INVALID_COMMAND: 404,
    Completion.NOT_PRESENT: 404,
    Completion.PRIVILEGE_TOO_LOW: 403,
    Completion.NOT_IN_THIS_STATE: 409,
    Completion.BUSY: 503,
    Completion.OUT_OF_SPACE: 507,
    Completion.UNSPECIFIED: 500,
}
_FLAGS_BYTES = 6
_COMMUNITY = b"\x10"
"""The LAN parameter of the SNMP community string, which is a secret."""


def name(netfn: int, number: int) -> str:
    """`Chassis/Control`; numbers for a command that is not known."""
    function, numbers = _FUNCTIONS.get(netfn, (f"{netfn:#04x}", None))
    try:
        words = numbers(number).name.split("_") if numbers else [f"{number:#04x}"]
    except ValueError:
        words = [f"{number:#04x}"]
    return f"{function}/{''.join(word.capitalize() for word in words)}"


def reads(netfn: int, number: int) -> bool:
    """Does the command change nothing?"""
    _, numbers = _FUNCTIONS.get(netfn, ("", None))
    try:
        return numbers is not None and numbers(number).name.startswith(_READS)
    except ValueError:
        return False


def method(netfn: int, number: int) -> str:
    """`GET` for a command that changes nothing, else `POST`."""
    return "GET" if reads(netfn, number) else "POST"


def path(netfn: int, number: int) -> str:
    """`/ipmi/Chassis/Control`."""
    return f"/ipmi/{name(netfn, number)}"


def status(code: int) -> int:
    """The HTTP status that means the same as a completion code."""
    return _STATUSES.get(code, 400)


def command_fields(netfn: int, number: int, data: bytes) -> dict[str, Any]:
    """A command's data as Redfish properties where Redfish has them, else as hex."""
    key = (netfn, number)
    if key == (CHASSIS, Chassis.CONTROL) and data:
        return {"ResetType": RESET_TYPES.get(data[0] & 0x0F, f"control {data[0]}")}
    if key == (CHASSIS, Chassis.SET_BOOT_OPTIONS) and len(data) >= _FLAGS_BYTES and data[0] & 0x7F == BOOT_FLAGS:
        target, enabled, mode = boot_flags.decode(data[1:])
        names = ("BootSourceOverrideTarget", "BootSourceOverrideEnabled", "BootSourceOverrideMode")
        return {"Boot": dict(zip(names, (target, enabled, mode), strict=True))}
    if key == (APP, App.SET_USER_PASSWORD) or (key == (TRANSPORT, Transport.SET_LAN_CONFIGURATION) and data[1:2] == _COMMUNITY):
        return {"Data": f"{data[:2].hex()}***"}
    return {"Data": data.hex()} if data else {}
