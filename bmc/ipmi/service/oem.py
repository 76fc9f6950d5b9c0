"""Our own commands of the emulated BMC: who calls, the log of requests, the marks that a reset leaves."""

import json

from bmc.ipmi.requests import answer_from
from bmc.ipmi.service.commands import Command, CompletionCodeError, Handlers
from bmc.ipmi.wire import ENTERPRISE_BYTES, OEM_GROUP, Completion, Oem
from bmc.machine import Machine


class OemCommands:
    """The OEM commands of one machine's BMC."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def handlers(self) -> Handlers:
        """All of them."""
        return {
            (OEM_GROUP, Oem.INTRODUCE): self._introduce,
            (OEM_GROUP, Oem.READ_REQUESTS): self._requests,
            (OEM_GROUP, Oem.GET_MARKS): self._marks,
        }

    def _introduce(self, command: Command) -> bytes:
        _need_enterprise(command)
        command.caller.user_agent = command.data[3:].decode(errors="replace")
        return ENTERPRISE_BYTES

    def _requests(self, command: Command) -> bytes:
        _need_enterprise(command)
        command.byte(6)
        return answer_from(self._machine.requests, command.data)

    def _marks(self, command: Command) -> bytes:
        _need_enterprise(command)
        machine = self._machine
        marks = {
            "LastResetTime": machine.last_reset_time.isoformat(),
            "ResetCount": machine.reset_count,
            "ManagerResetTime": machine.manager_reset_time.isoformat(),
        }
        return ENTERPRISE_BYTES + json.dumps(marks).encode()


def _need_enterprise(command: Command) -> None:
    if command.data[:3] != ENTERPRISE_BYTES:
        raise CompletionCodeError(Completion.INVALID_COMMAND)
