"""Reads a BMC's log of requests incrementally, and detects when entries may have been lost."""

from itertools import pairwise
from typing import Any

from bmc.errors import BmcError
from bmc.model import RequestEntry, RequestsRead
from bmc.redfish.connection import Body, RedfishConnection
from bmc.redfish.wire import MESSAGE_FIELDS, REQUESTS_LOG
from bmc.witness.family import inner

PAGE = 500
MARGIN = 32
"""How many entries a full log may drop while we search for the last known one; our own requests are logged too."""


async def find_entries(connection: RedfishConnection, manager: Body) -> str:
    """The path of the entries of the log of requests, found through the Manager's LogServices; empty where there is none."""
    logs = inner(manager, "LogServices", "@odata.id")
    if not isinstance(logs, str):
        return ""
    try:
        members = (await connection.get(logs)).get("Members")
        paths = [inner(member, "@odata.id") for member in members or ()]
        path = next((each for each in paths if isinstance(each, str) and each.endswith(f"/{REQUESTS_LOG}")), "")
        entries = inner(await connection.get(path), "Entries", "@odata.id") if path else ""
    except BmcError as error:
        if error.kind == "missing":
            return ""
        raise
    return entries if isinstance(entries, str) else ""


class RedfishRequestReader:
    """One reader of one log. `begin` remembers the log's end; each `read` returns the entries added since.

    The last entry known is read again every time: where it is not found unchanged at its place, the log has dropped its oldest
    entries (then it is looked for further up) or was cleared.
    """

    def __init__(self, connection: RedfishConnection, entries: str) -> None:
        self._connection = connection
        self._entries = entries
        self._skip = 0
        self._last: RequestEntry | None = None

    async def begin(self) -> None:
        """Remember the log's current end; older entries are never returned."""
        _, count = await self._page(0, 1)
        self._skip = max(count - 1, 0)
        newest, _ = await self._page(self._skip, 1)
        self._last = newest[0] if newest else None

    async def read(self) -> RequestsRead:
        """Entries added since the last read. Raises BmcError; the position is kept then."""
        known, skip = self._last, self._skip
        entries = await self._from(skip)
        if known and entries and entries[0].id > known.id:
            skip = max(skip - (entries[0].id - known.id) - MARGIN, 0)
            entries = await self._from(skip)
        if known is None or known in entries:
            new = entries if known is None else entries[entries.index(known) + 1 :]
            says = "" if _consecutive(entries) else "ids are missing in the log of requests"
        else:
            skip, new = 0, (entries := await self._from(0))
            says = "the log of requests was cleared, or has lost entries that were not read yet"
        self._last = entries[-1] if entries else None
        self._skip = skip + max(len(entries) - 1, 0)
        return RequestsRead(tuple(new), complete=not says, says=says)

    async def _from(self, skip: int) -> list[RequestEntry]:
        """All entries after the first `skip`, as many as there were when the first page was answered."""
        entries, count = await self._page(skip, PAGE)
        while skip + len(entries) < count:
            page, _ = await self._page(skip + len(entries), PAGE)
            if not page:
                break
            entries += page
        return entries

    async def _page(self, skip: int, top: int) -> tuple[list[RequestEntry], int]:
        body = await self._connection.get(f"{self._entries}?$skip={skip}&$top={top}")
        members, count = body.get("Members"), body.get("Members@odata.count")
        if not isinstance(members, list) or not isinstance(count, int):
            raise _unfit("no collection")
        return [_entry(member) for member in members], count


def _consecutive(entries: list[RequestEntry]) -> bool:
    return all(after.id == before.id + 1 for before, after in pairwise(entries))


def _entry(member: Any) -> RequestEntry:
    number, created, said = (inner(member, name) for name in ("Id", "Created", "MessageArgs"))
    if not (isinstance(number, str) and isinstance(said, list) and len(said) == len(MESSAGE_FIELDS)):
        raise _unfit("an entry of another form")
    fields = dict(zip(MESSAGE_FIELDS, map(str, said), strict=True))
    try:
        return RequestEntry(id=int(number), created=str(created), status=int(fields.pop("status")), **fields)
    except ValueError as error:
        raise _unfit("an id or a status that is no number") from error


def _unfit(what: str) -> BmcError:
    return BmcError(kind="content", blame="bmc", says=f"the log of requests has {what}")
