"""Reads a System Event Log incrementally: only added records, and only when the log has changed."""

import struct
from typing import NamedTuple

from bmc.errors import BmcError
from bmc.ipmi.client.connection import IpmiConnection
from bmc.ipmi.sel_record import SIZE, SelRecord, decode, time_text
from bmc.ipmi.wire import NEWEST_RECORD, STORAGE, Storage

RECORDS_MAX = 256
"""How many records one reading follows: a log that grows faster is followed over several."""
NONE = "none"
_FIRST = 0x0000
_WHOLE = 0xFF
_INFO = struct.Struct("<BHHIIB")


class SelInfo(NamedTuple):
    """The log as a whole; `added` and `erased` are SEL timestamps."""

    version: int
    records: int
    free_bytes: int
    added: int
    erased: int
    support: int


class SelReader:
    """One reader of one log. Records from before the first read are not returned, except the newest.

    `newest` is the newest record that tells of power, boot or reset, as `number time words`, or `none`. It never goes back to an
    older record, so clearing the log does not change it; a clear shows in `erased`.
    """

    def __init__(self, connection: IpmiConnection) -> None:
        self.newest = NONE
        self.erased = ""
        self._connection = connection
        self._info: SelInfo | None = None
        self._last: SelRecord | None = None

    async def read(self) -> None:
        """Read what was added. Raises BmcError, of kind `missing` where there is no such log; keeps its place then."""
        answer = await self._connection.command(STORAGE, Storage.GET_SEL_INFO)
        info = SelInfo(*_unpacked(_INFO, answer))
        if info == self._info:
            return
        if self._info is None:
            await self._begin(info)
        else:
            await self._follow(info)
        self._info = info
        self.erased = time_text(info.erased)

    async def _begin(self, info: SelInfo) -> None:
        if info.records:
            self._took((await self._record(NEWEST_RECORD))[0])

    async def _follow(self, info: SelInfo) -> None:
        number = await self._successor(self._last) if self._last else _FIRST
        for _ in range(RECORDS_MAX):
            if number == NEWEST_RECORD or not info.records:
                return
            record, number = await self._record(number)
            self._took(record)

    async def _successor(self, known: SelRecord) -> int:
        """The number of the record after the known one; of the first, where that one is gone."""
        try:
            record, following = await self._record(known.id)
        except BmcError as error:
            if error.kind == "missing":
                return _FIRST
            raise
        return following if record == known else _FIRST

    async def _record(self, number: int) -> tuple[SelRecord, int]:
        """A record, and the number of the next one."""
        question = struct.pack("<HHBB", 0, number, 0, _WHOLE)
        answer = await self._connection.command(STORAGE, Storage.GET_SEL_ENTRY, question)
        try:
            return decode(answer[2 : 2 + SIZE]), int.from_bytes(answer[:2], "little")
        except (struct.error, IndexError) as error:
            raise _unfit() from error

    def _took(self, record: SelRecord) -> None:
        self._last = record
        words = record.description()
        if words:
            self.newest = f"{record.id} {time_text(record.timestamp) or record.timestamp} {words}"


def _unpacked(layout: struct.Struct, data: bytes) -> tuple[int, ...]:
    try:
        return layout.unpack(data[: layout.size])
    except struct.error as error:
        raise _unfit() from error


def _unfit() -> BmcError:
    return BmcError(kind="content", blame="bmc", says="the System Event Log is answered in another form")
