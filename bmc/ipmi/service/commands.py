"""What every command of the emulated BMC has: a name for the log, the privilege it needs, the way to refuse it."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from bmc.ipmi import words
from bmc.ipmi.wire import APP, OEM_GROUP, TRANSPORT, App, Completion, Oem, Transport

USER, OPERATOR, ADMINISTRATOR = 2, 3, 4
"""Privilege levels (IPMI 2.0 §6.8)."""

_FREE = {(APP, App.SET_SESSION_PRIVILEGE), (APP, App.CLOSE_SESSION), (OEM_GROUP, Oem.INTRODUCE)}
_ADMINISTRATION = {
    (APP, App.COLD_RESET),
    (APP, App.WARM_RESET),
    (APP, App.SET_CHANNEL_ACCESS),
    (APP, App.SET_USER_PASSWORD),
    (TRANSPORT, Transport.SET_LAN_CONFIGURATION),
}


class CompletionCodeError(Exception):
    """A command is answered with this completion code and nothing else."""

    def __init__(self, code: int) -> None:
        super().__init__(f"{code:#04x}")
        self.code = code


class Caller(Protocol):
    """The session that a command came in."""

    privilege: int
    privilege_max: int
    user_agent: str
    user: str
    sockaddr: tuple[str, int]


class Command(NamedTuple):
    """One command as it came."""

    netfn: int
    number: int
    data: bytes
    caller: Caller

    @property
    def name(self) -> str:
        """`Chassis/Control`; numbers for a command that is not known."""
        return words.name(self.netfn, self.number)

    @property
    def reads(self) -> bool:
        """Does it change nothing?"""
        return words.reads(self.netfn, self.number)

    @property
    def privilege(self) -> int:
        """The level that it needs (IPMI 2.0 appendix G)."""
        if (self.netfn, self.number) in _FREE:
            return 0
        if (self.netfn, self.number) in _ADMINISTRATION:
            return ADMINISTRATOR
        return USER if self.reads else OPERATOR

    def byte(self, index: int) -> int:
        """One byte of its data; CompletionCodeError where it is too short."""
        if index >= len(self.data):
            raise CompletionCodeError(Completion.LENGTH_INVALID)
        return self.data[index]


CommandHandler = Callable[[Command], bytes]
"""Does one command, and returns the data of its answer. Raises CompletionCodeError."""

Handlers = dict[tuple[int, int], CommandHandler]
