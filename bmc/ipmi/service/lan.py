"""LAN settings of the emulated BMC (IPMI 2.0 table 23-4): stored and returned. Its address is set by the lab and read-only."""

import socket
from uuid import UUID

from bmc.ipmi.service.commands import Command, CompletionCodeError, Handlers
from bmc.ipmi.wire import TRANSPORT, Completion, Transport

CHANNEL = 1
_THIS_CHANNEL = 0x0E
_REVISION = b"\x11"
_IN_PROGRESS, _AUTH_SUPPORT, _ADDRESS, _MAC, _MASK, _DESTINATIONS, _SUITE_COUNT, _SUITES = 0, 1, 3, 5, 6, 17, 22, 23
_READ_ONLY = (_AUTH_SUPPORT, _ADDRESS, _MAC, _MASK, _DESTINATIONS, _SUITE_COUNT, _SUITES)
_DESTINATION_TYPE, _DESTINATION_ADDRESS = 18, 19
_DESTINATIONS_MAX = 1
"""Besides number 0, which every BMC with alerts has."""
_SET_COMPLETE, _SET_IN_PROGRESS, _COMMIT = 0, 1, 2
_ALREADY_IN_PROGRESS, _IS_READ_ONLY = 0x81, 0x82


class LanCommands:
    """The settings of the one LAN channel, of the machine with this UUID, whose BMC listens at `address`."""

    def __init__(self, uuid: str, address: str) -> None:
        self._parameters = _parameters(uuid, address)
        self._destinations = {
            (parameter, number): bytes([number]) + rest
            for number in range(_DESTINATIONS_MAX + 1)
            for parameter, rest in ((_DESTINATION_TYPE, bytes(3)), (_DESTINATION_ADDRESS, bytes(12)))
        }

    def handlers(self) -> Handlers:
        """The commands of the network function Transport."""
        return {
            (TRANSPORT, Transport.GET_LAN_CONFIGURATION): self._get,
            (TRANSPORT, Transport.SET_LAN_CONFIGURATION): self._set,
        }

    def _get(self, command: Command) -> bytes:
        need_channel(command)
        parameter = command.byte(1)
        if parameter in (_DESTINATION_TYPE, _DESTINATION_ADDRESS):
            return _REVISION + self._destination(parameter, command.byte(2))
        return _REVISION + self._parameter(parameter)

    def _set(self, command: Command) -> bytes:
        need_channel(command)
        parameter, value = command.byte(1), command.data[2:]
        if parameter in _READ_ONLY:
            raise CompletionCodeError(_IS_READ_ONLY)
        if parameter in (_DESTINATION_TYPE, _DESTINATION_ADDRESS):
            number = command.byte(2) & 0x0F
            _need_length(value, self._destination(parameter, number))
            self._destinations[parameter, number] = value
            return b""
        _need_length(value, self._parameter(parameter))
        self._parameters[parameter] = self._progress(value[0]) if parameter == _IN_PROGRESS else value
        return b""

    def _progress(self, asked: int) -> bytes:
        """What `set in progress` is after this: only one may be setting, and there is nothing to commit."""
        if asked == _SET_IN_PROGRESS and self._parameters[_IN_PROGRESS] == bytes([_SET_IN_PROGRESS]):
            raise CompletionCodeError(_ALREADY_IN_PROGRESS)
        return bytes([_SET_COMPLETE if asked == _COMMIT else asked & 0b11])

    def _parameter(self, number: int) -> bytes:
        try:
            return self._parameters[number]
        except KeyError:
            raise CompletionCodeError(Completion.PARAMETER_UNSUPPORTED) from None

    def _destination(self, parameter: int, number: int) -> bytes:
        try:
            return self._destinations[parameter, number]
        except KeyError:
            raise CompletionCodeError(Completion.OUT_OF_RANGE) from None


def need_channel(command: Command) -> None:
    """CompletionCodeError where a command asks for another channel than the one that there is."""
    if command.byte(0) & 0x0F not in (CHANNEL, _THIS_CHANNEL):
        raise CompletionCodeError(Completion.INVALID_FIELD)


def _need_length(value: bytes, kept: bytes) -> None:
    if len(value) != len(kept):
        raise CompletionCodeError(Completion.LENGTH_INVALID)


def _parameters(uuid: str, address: str) -> dict[int, bytes]:
    return {
        _IN_PROGRESS: bytes([_SET_COMPLETE]),
        _AUTH_SUPPORT: b"\x80",
        2: bytes(5),
        _ADDRESS: socket.inet_aton(address),
        4: b"\x01",
        _MAC: b"\x02" + UUID(uuid).bytes[-5:],
        _MASK: b"\xff\0\0\0",
        7: b"\x40\x40\x10",
        10: b"\0",
        11: b"\0",
        12: bytes(4),
        13: bytes(6),
        14: bytes(4),
        15: bytes(6),
        16: b"public".ljust(18, b"\0"),
        _DESTINATIONS: bytes([_DESTINATIONS_MAX]),
        20: bytes(2),
        21: b"\0",
        _SUITE_COUNT: b"\x01",
        _SUITES: b"\0\x03",
        24: b"\0\x04" + bytes(7),
        26: bytes(6),
    }
