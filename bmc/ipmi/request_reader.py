"""Reads an emulated BMC's log of requests incrementally, and detects when entries may have been lost."""

from itertools import pairwise

from bmc.errors import BmcError
from bmc.ipmi.client.connection import IpmiConnection
from bmc.ipmi.requests import BEYOND, decode_answer, encode_question
from bmc.ipmi.wire import OEM_GROUP, Oem
from bmc.ipmi.words import UNDECODABLE
from bmc.model import RequestEntry, RequestsRead


class IpmiRequestReader:
    """One reader of one log. `begin` remembers the log's end; each `read` returns the entries added since.

    The last entry known is read again every time: where it is not found unchanged, the log was cleared or has dropped it.
    """

    def __init__(self, connection: IpmiConnection) -> None:
        self._connection = connection
        self._last: RequestEntry | None = None

    async def begin(self) -> None:
        """Remember the log's current end; older entries are never returned."""
        _, next_id = await self._page(BEYOND)
        entries, _ = await self._page(max(next_id - 1, 1))
        self._last = entries[0] if entries else None

    async def read(self) -> RequestsRead:
        """Entries added since the last read. Raises BmcError; the position is kept then."""
        known = self._last
        entries = await self._from(known.id if known else 1)
        says = "" if _consecutive(entries) else "ids are missing in the log of requests"
        says = says or _unread([entry for entry in entries if entry != known])
        if known and known not in entries:
            says = "the log of requests was cleared, or has lost entries that were not read yet"
            entries = await self._from(1)
        self._last = entries[-1] if entries else None
        new = tuple(entry for entry in entries if entry != known)
        return RequestsRead(new, complete=not says, says=says)

    async def _from(self, first_id: int) -> list[RequestEntry]:
        """All entries from this id on, as many as there were when the first page was answered."""
        entries, end = await self._page(first_id)
        while entries and entries[-1].id + 1 < end:
            page, _ = await self._page(entries[-1].id + 1)
            if not page:
                break
            entries += page
        return entries

    async def _page(self, first_id: int) -> tuple[list[RequestEntry], int]:
        answer = await self._connection.command(OEM_GROUP, Oem.READ_REQUESTS, encode_question(first_id))
        try:
            return decode_answer(answer)
        except (ValueError, TypeError, KeyError) as error:
            says = "the log of requests has another form"
            raise BmcError(kind="content", blame="bmc", says=says) from error


def _unread(entries: list[RequestEntry]) -> str:
    """What the log itself says that it could not read; empty where it read everything."""
    found = [entry for entry in entries if entry.path == UNDECODABLE]
    if not found:
        return ""
    addresses = ", ".join(sorted({entry.address for entry in found}))
    return f"the recorder could not read {len(found)} packets from {addresses}: {found[0].body}"


def _consecutive(entries: list[RequestEntry]) -> bool:
    return all(after.id == before.id + 1 for before, after in pairwise(entries))
