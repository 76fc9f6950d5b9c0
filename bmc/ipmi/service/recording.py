"""Writing down every command, in the words in which requests over Redfish are written down.

`POST /ipmi/Chassis/Control` with `{"ResetType": ...}`, `POST /ipmi/Chassis/SetBootOptions` with `{"Boot": ...}`; any other command
has its data as hex, but for passwords. The status is HTTP's that means the same as the completion code, which is in the body too.
"""

import json
from typing import Any

from bmc.ipmi import boot_flags
from bmc.ipmi.service.commands import Command
from bmc.ipmi.wire import APP, BOOT_FLAGS, CHASSIS, RESET_TYPES, App, Chassis, Completion
from bmc.machine import Machine
from bmc.request_log import LoggedRequest

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


def record(machine: Machine, command: Command, code: int) -> None:
    """Write down one command and how it ended."""
    log = machine.requests
    log.append(
        LoggedRequest(
            id=log.next_id,
            created=machine.clock(),
            address=command.caller.sockaddr[0],
            user_agent=command.caller.user_agent,
            user=command.caller.user,
            method="GET" if command.reads else "POST",
            path=f"/ipmi/{command.name}",
            status=_STATUSES.get(code, 400),
            body=json.dumps(_said(command) | ({"CompletionCode": f"{code:#04x}"} if code else {})),
        )
    )


def record_refusal(machine: Machine, address: str, user: str) -> None:
    """Write down a login that was refused."""
    log = machine.requests
    log.append(
        LoggedRequest(
            id=log.next_id,
            created=machine.clock(),
            address=address,
            user_agent="",
            user=user,
            method="POST",
            path="/ipmi/App/OpenSession",
            status=401,
            body="",
        )
    )


def _said(command: Command) -> dict[str, Any]:
    """What a command says, in words where Redfish has some."""
    key, data = (command.netfn, command.number), command.data
    if key == (CHASSIS, Chassis.CONTROL) and data:
        return {"ResetType": RESET_TYPES.get(data[0] & 0x0F, f"control {data[0]}")}
    if key == (CHASSIS, Chassis.SET_BOOT_OPTIONS) and len(data) >= _FLAGS_BYTES and data[0] & 0x7F == BOOT_FLAGS:
        target, enabled, mode = boot_flags.decode(data[1:])
        names = ("BootSourceOverrideTarget", "BootSourceOverrideEnabled", "BootSourceOverrideMode")
        return {"Boot": dict(zip(names, (target, enabled, mode), strict=True))}
    if key == (APP, App.SET_USER_PASSWORD):
        return {"Data": f"{data[:2].hex()}***"}
    return {"Data": data.hex()} if data else {}
