"""The sensor repository of the emulated BMC: one record, that says that there is a BMC (IPMI 2.0 table 43-8)."""

import struct

from bmc.ipmi.service.commands import Command, CompletionCodeError, Handlers
from bmc.ipmi.wire import NEWEST_RECORD, STORAGE, Completion, Storage

_VERSION = 0x51
_NEVER = b"\xff\xff\xff\xff"
_RECORD_ID = 1
_CONTROLLER_LOCATOR, _BMC_ADDRESS, _CAPABILITIES = 0x12, 0x20, 0x86
_SYSTEM_BOARD = b"\x07\x01"
_NAME = b"BMC"
_ASCII = 0xC0
_BODY = bytes([_BMC_ADDRESS, 0, 0, _CAPABILITIES, 0, 0, 0]) + _SYSTEM_BOARD + bytes([0, _ASCII | len(_NAME)]) + _NAME
_RECORD = struct.pack("<HBBB", _RECORD_ID, _VERSION, _CONTROLLER_LOCATOR, len(_BODY)) + _BODY
_RESERVATION = b"\x01\x00"
_RESERVE_SUPPORTED = 0x02


class SensorCommands:
    """The repository's commands: it can be read only."""

    def handlers(self) -> Handlers:
        """All of them."""
        return {
            (STORAGE, Storage.GET_SDR_INFO): lambda _: (
                struct.pack("<BHH", _VERSION, 1, 0) + _NEVER * 2 + bytes([_RESERVE_SUPPORTED])
            ),
            (STORAGE, Storage.RESERVE_SDR): lambda _: _RESERVATION,
            (STORAGE, Storage.GET_SDR): self._get,
        }

    def _get(self, command: Command) -> bytes:
        command.byte(5)
        _, number, offset, count = struct.unpack("<HHBB", command.data[:6])
        if number not in (0, _RECORD_ID, NEWEST_RECORD):
            raise CompletionCodeError(Completion.NOT_PRESENT)
        return NEWEST_RECORD.to_bytes(2, "little") + _RECORD[offset : offset + count]
