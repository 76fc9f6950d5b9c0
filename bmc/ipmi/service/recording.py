"""Writing down every command and every refused login in the machine's log, in words (see bmc.ipmi.words)."""

import json

from bmc.ipmi import words
from bmc.ipmi.service.commands import Command
from bmc.machine import Machine
from bmc.request_log import LoggedRequest


def record(machine: Machine, command: Command, code: int) -> None:
    """Write down one command and how it ended; the completion code of a refusal is in the body too."""
    said = words.command_fields(command.netfn, command.number, command.data)
    log = machine.requests
    log.append(
        LoggedRequest(
            id=log.next_id,
            created=machine.clock(),
            address=command.caller.sockaddr[0],
            user_agent=command.caller.user_agent,
            user=command.caller.user,
            method=words.method(command.netfn, command.number),
            path=words.path(command.netfn, command.number),
            status=words.status(code),
            body=json.dumps(said | ({"CompletionCode": f"{code:#04x}"} if code else {})),
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
            path=words.LOGIN,
            status=401,
            body="",
        )
    )
