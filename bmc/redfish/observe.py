"""Watching a BMC over Redfish without disturbing it: GETs only, one at a time, on one connection that is kept."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from bmc import witness
from bmc.address import parse_address
from bmc.errors import BmcError
from bmc.model import Credentials, Reading, RequestsRead, Tls
from bmc.observer import ConnectedObserver
from bmc.redfish.connection import Body, RedfishConnection
from bmc.redfish.request_reader import RedfishRequestReader, find_entries
from bmc.redfish.wire import ROOT
from bmc.refusals import TrialLimits
from bmc.witness.family import evidence_time, inner, present, word

DEADLINE_SECONDS = 10.0
_ABSENT = frozenset({"missing", "status", "content"})
"""Kinds of error after which an optional resource is left out of the reading.

`busy` is not among them: a resource that is temporarily unavailable must not look absent.
"""

_MISSING = frozenset({"missing"})
"""The same for resources whose presence is decided once for a whole run."""

_BOOT = {
    "target": "BootSourceOverrideTarget",
    "enabled": "BootSourceOverrideEnabled",
    "mode": "BootSourceOverrideMode",
}


class RedfishObserver(ConnectedObserver):
    """Reads one server's BMC. Make and use it within one event loop; close it (or use `async with`).

    `address` is a BareMetalHost's `spec.bmc.address`; `deadline_seconds` bounds each request. Every method raises BmcError and
    nothing else; after one, the next call begins afresh. `trial_limits`: how often refused credentials are shown again.
    """

    def __init__(
        self,
        address: str,
        credentials: Credentials | None,
        *,
        tls: Tls | None = None,
        deadline_seconds: float = DEADLINE_SECONDS,
        trial_limits: TrialLimits | None = None,
    ) -> None:
        parsed = parse_address(address)
        self._connection = RedfishConnection(
            parsed, credentials, tls=tls or Tls(), deadline_seconds=deadline_seconds, trial_limits=trial_limits
        )
        super().__init__(self._connection)
        self._system = parsed.system
        self._media: list[str] | None = None
        self._reader: RedfishRequestReader | None = None
        self._offers_requests: bool | None = None

    async def read(self) -> Reading:
        """One reading: the System, its Manager's clock, its virtual media. Raises BmcError."""
        system = await self._read_system()
        if self._media is None:
            self._media = await self._find_media(system, await self._manager(system))
        media = await self._read_media()
        # Last, for its clock is held against the moment when the reading is complete.
        manager = await self._manager(system)
        managed = {witness.MANAGER_RESET: evidence_time(manager.get("LastResetTime"))}
        return Reading(
            power=word(system.get("PowerState")) or None,
            boot=present({name: word(inner(system, "Boot", source)) for name, source in _BOOT.items()}),
            media=media,
            signals=witness.signals(system) | present(managed),
            bmc_time=word(manager.get("DateTime")),
            family=witness.family(system).name,
        )

    async def begin_requests(self) -> bool:
        """Remember the current end of the BMC's log of requests; False if the BMC offers no such log. Raises BmcError."""
        if self._offers_requests is None:
            manager = await self._manager(await self._read_system(), absent=_MISSING)
            entries = await find_entries(self._connection, manager)
            reader = RedfishRequestReader(self._connection, entries) if entries else None
            if reader:
                await reader.begin()
            self._reader, self._offers_requests = reader, reader is not None
        return self._offers_requests

    async def read_requests(self) -> RequestsRead:
        """Entries added to the log since the last read (none without a log). Raises BmcError; the position is kept then."""
        return await self._reader.read() if self._reader else RequestsRead(())

    async def _read_system(self) -> Body:
        if not self._system:
            self._system = await self._only_system()
        return await self._connection.get(self._system)

    async def _only_system(self) -> str:
        members = (await self._connection.get(f"{ROOT}/Systems")).get("Members")
        paths = _links(members)
        if len(paths) != 1:
            says = f"the BMC has {len(paths)} systems; its address must name one of them"
            raise BmcError(kind="address", blame="us", says=says)
        return paths[0]

    async def _manager(self, system: Body, *, absent: frozenset[str] = _ABSENT) -> Body:
        managers = _links(inner(system, "Links", "ManagedBy"))
        return await self._optional(managers[0], absent=absent) if managers else {}

    async def _find_media(self, system: Body, manager: Body) -> list[str] | None:
        """The virtual media devices; None where there are none, or none yet."""
        path = inner(system, "VirtualMedia", "@odata.id") or inner(manager, "VirtualMedia", "@odata.id")
        listed = await self._optional(path) if isinstance(path, str) else {}
        return _links(listed.get("Members")) or None

    async def _read_media(self) -> dict[str, str]:
        media = {}
        for path in self._media or ():
            device = await self._optional(path)
            if device:
                media[word(device.get("Id")) or path.rpartition("/")[2]] = _image(device)
        return media

    async def _optional(self, path: str, *, absent: frozenset[str] = _ABSENT) -> Body:
        try:
            return await self._connection.get(path)
        except BmcError as error:
            if error.kind in absent:
                return {}
            raise


def _links(members: Any) -> list[str]:
    found = [inner(member, "@odata.id") for member in members] if isinstance(members, list) else []
    return [path for path in found if isinstance(path, str)]


def _image(device: Body) -> str:
    """What is in a virtual media device: its URL without credentials, `inserted` where the BMC does not say what, else empty."""
    image, inserted = word(device.get("Image")), device.get("Inserted")
    if not image or inserted is False:
        return "inserted" if inserted is True else ""
    try:
        parts = urlsplit(image)
    except ValueError:
        return "inserted"
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
