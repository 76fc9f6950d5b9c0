"""Watching a BMC over Redfish without disturbing it: GETs only, one at a time, on one connection that is kept.

The System is the reading; all else is a part of it. A part that is refused or fails is named, and takes nothing else with it.
"""

from functools import partial
from urllib.parse import urlsplit, urlunsplit

from bmc import witness
from bmc.address import parse_address
from bmc.errors import BmcError
from bmc.model import MANAGER, MEDIA, Credentials, Reading, RequestsRead, Tls
from bmc.observer import ConnectedObserver, ReadingParts
from bmc.redfish.connection import Body, RedfishConnection
from bmc.redfish.request_reader import RedfishRequestReader, find_entries
from bmc.redfish.wire import SYSTEMS, linked, no_system, which_system
from bmc.refusals import TrialLimits
from bmc.witness.family import evidence_time, inner, present, word

DEADLINE_SECONDS = 10.0

_NOTHING: Body = {}
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
        """One reading: the System, and what can be read of its virtual media and of its Manager's clock. Raises BmcError."""
        system = await self._read_system()
        parts = ReadingParts()
        media = await self._read_media(system, parts)
        # Last, for its clock is held against the moment when the reading is complete.
        manager = await parts.read(MANAGER, lambda: self._manager(system), absent=_NOTHING)
        managed = {witness.MANAGER_RESET: evidence_time(manager.get("LastResetTime"))}
        return Reading(
            power=word(system.get("PowerState")) or None,
            boot=present({name: word(inner(system, "Boot", source)) for name, source in _BOOT.items()}),
            media=media,
            signals=witness.signals(system) | present(managed),
            bmc_time=word(manager.get("DateTime")),
            family=witness.family(system).name,
            unseen=parts.unseen,
        )

    async def begin_requests(self) -> bool:
        """Remember the current end of the BMC's log of requests; False if the BMC offers no such log. Raises BmcError."""
        if self._offers_requests is None:
            try:
                manager = await self._manager(await self._read_system())
            except BmcError as error:
                if error.kind != "missing":
                    raise
                manager = {}
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
        system = await self._connection.get(self._system)
        if wrong := no_system(self._system, system):
            raise BmcError(kind="address", blame="us", says=f"{wrong}; {await self._cure()}")
        return system

    async def _only_system(self) -> str:
        paths = await self._systems()
        if len(paths) != 1:
            says = f"the BMC has {len(paths)} systems; {which_system(paths)}"
            raise BmcError(kind="address", blame="us", says=says)
        return paths[0]

    async def _systems(self) -> list[str]:
        return linked((await self._connection.get(SYSTEMS)).get("Members"))

    async def _cure(self) -> str:
        """What to write instead of a path that leads to no system."""
        try:
            return which_system(await self._systems())
        except BmcError:
            return which_system([])

    async def _manager(self, system: Body) -> Body:
        """The BMC itself, as it shows itself; empty where it does not. Raises BmcError."""
        managers = linked(inner(system, "Links", "ManagedBy"))
        return await self._connection.get(managers[0], is_part=True) if managers else {}

    async def _read_media(self, system: Body, parts: ReadingParts) -> dict[str, str]:
        """What is in each virtual media device that tells."""
        if self._media is None:
            self._media = await parts.read(MEDIA, lambda: self._find_media(system), absent=None)
        media = {}
        for path in self._media or ():
            name = path.rpartition("/")[2]
            device = await parts.read(f"{MEDIA} {name}", partial(self._offered, path), absent=_NOTHING)
            if device:
                media[word(device.get("Id")) or name] = _image(device)
        return media

    async def _find_media(self, system: Body) -> list[str] | None:
        """The virtual media devices; None where there are none, or none yet."""
        path = inner(system, "VirtualMedia", "@odata.id")
        if not isinstance(path, str):
            path = inner(await self._manager(system), "VirtualMedia", "@odata.id")
        listed = await self._offered(path) if isinstance(path, str) else {}
        return linked(listed.get("Members")) or None

    async def _offered(self, path: str) -> Body:
        """A resource that a BMC may name and not have: empty then. Raises BmcError."""
        try:
            return await self._connection.get(path, is_part=True)
        except BmcError as error:
            if error.kind == "missing":
                return {}
            raise


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
