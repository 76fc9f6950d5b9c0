"""Watching a BMC over IPMI without disturbing it: commands that only read, one at a time, in one session.

The chassis status is the reading; all else is a part of it. A part that is refused or fails is named, and takes nothing else with it.
"""

import json
import struct
from collections.abc import Awaitable, Callable
from typing import Any

from bmc import witness
from bmc.address import parse_ipmi_address
from bmc.errors import BmcError
from bmc.ipmi import boot_flags
from bmc.ipmi.client.connection import IpmiConnection
from bmc.ipmi.request_reader import IpmiRequestReader
from bmc.ipmi.sel_reader import SelReader
from bmc.ipmi.sel_record import time_text
from bmc.ipmi.wire import (
    APP,
    BOOT_FLAGS,
    CHASSIS,
    ENTERPRISE,
    ENTERPRISE_BYTES,
    OEM_GROUP,
    POWER_EVENTS,
    POWER_IS_ON,
    RESTART_CAUSES,
    STORAGE,
    App,
    Chassis,
    Oem,
    Storage,
)
from bmc.model import BOOT, Credentials, Reading, RequestsRead
from bmc.names import USER_AGENT
from bmc.observer import ConnectedObserver, ReadingParts

DEADLINE_SECONDS = 10.0
_BOOT_PARAMETER_INVALID = 0x80

Body = dict[str, Any]
PartRead = Callable[[], Awaitable[Body]]


class IpmiObserver(ConnectedObserver):
    """Reads one server's BMC. Make and use it within one event loop; close it (or use `async with`).

    `address` is a BareMetalHost's `spec.bmc.address`; `deadline_seconds` bounds each command, and each login. Every method raises
    BmcError and nothing else; after one, the next call begins afresh. A part that the BMC once reported as missing is not
    requested again. `recorded`: a flight recorder stands before the BMC and keeps a log of requests even if the BMC keeps none.
    """

    def __init__(
        self,
        address: str,
        credentials: Credentials | None,
        *,
        deadline_seconds: float = DEADLINE_SECONDS,
        recorded: bool = False,
    ) -> None:
        self._connection = IpmiConnection(parse_ipmi_address(address), credentials, deadline_seconds=deadline_seconds)
        super().__init__(self._connection)
        self._sel = SelReader(self._connection)
        self._reader: IpmiRequestReader | None = None
        self._absent: set[str] = set()
        self._recorded = recorded
        self._manufacturer: int | None = None
        self._introduced = 0

    async def read(self) -> Reading:
        """One reading: chassis status, boot flags, restart cause, power-on hours, event log, clock. Raises BmcError."""
        await self._introduce()
        status, parts = await self._status(), ReadingParts()

        async def part(name: str, read: PartRead) -> Body:
            return await parts.read(name, lambda: self._offered(name, read), absent={})

        flags = await part(BOOT, self._boot)
        body: Body = {
            "ManufacturerId": self._manufacturer,
            "LastPowerEvent": status["event"],
            **await part("cause", self._cause),
            **await part("hours", self._hours),
            **await part("sel", self._events),
            **await part("marks", self._marks),
        }
        clock = await part("clock", self._clock)
        return Reading(
            power=status["power"],
            boot=flags,
            signals=witness.signals({"Ipmi": body}),
            bmc_time=clock.get("time", ""),
            family=witness.family({"Ipmi": body}).name,
            unseen=parts.unseen,
        )

    async def begin_requests(self) -> bool:
        """Remember the current end of the BMC's log of requests; False if the BMC offers no such log. Raises BmcError."""
        await self._introduce()
        if self._reader is None and self._keeps_requests():
            reader = IpmiRequestReader(self._connection)
            await reader.begin()
            self._reader = reader
        return self._reader is not None

    async def read_requests(self) -> RequestsRead:
        """Entries added to the log since the last read (none without a log). Raises BmcError; the position is kept then."""
        if self._reader is None:
            return RequestsRead(())
        await self._introduce()
        return await self._reader.read()

    async def _introduce(self) -> None:
        """Identify ourselves once per session to our own BMCs and to the recorder; other BMCs do not know this OEM command."""
        await self._connection.open()
        if self._introduced == self._connection.logins:
            return
        if self._manufacturer is None:
            answer = await self._connection.command(APP, App.GET_DEVICE_ID)
            self._manufacturer = int.from_bytes(answer[6:9], "little") & 0xFFFFF
        if self._keeps_requests():
            await self._say_who_we_are()
        self._introduced = self._connection.logins

    async def _say_who_we_are(self) -> None:
        """Send our OEM Introduce. A recorder that cannot decrypt our session forwards it, and a foreign BMC refuses it."""
        try:
            await self._connection.command(OEM_GROUP, Oem.INTRODUCE, ENTERPRISE_BYTES + USER_AGENT.encode())
        except BmcError as error:
            if self._is_ours() or error.kind not in ("missing", "status", "forbidden", "refused"):
                raise
            self._recorded = False

    def _keeps_requests(self) -> bool:
        return self._recorded or self._is_ours()

    def _is_ours(self) -> bool:
        return self._manufacturer == ENTERPRISE

    async def _offered(self, name: str, read: PartRead) -> Body:
        """A part; empty where the BMC once said that it has none, and not requested again. Raises BmcError where it fails."""
        if name in self._absent:
            return {}
        try:
            return await read()
        except BmcError as error:
            if error.kind != "missing":
                raise
            self._absent.add(name)
            return {}

    async def _status(self) -> Body:
        data = await self._command(CHASSIS, Chassis.GET_STATUS, 2)
        events = [words for bit, words in enumerate(POWER_EVENTS) if data[1] >> bit & 1]
        return {"power": "On" if data[0] & POWER_IS_ON else "Off", "event": ", ".join(events)}

    async def _boot(self) -> Body:
        data = await self._command(CHASSIS, Chassis.GET_BOOT_OPTIONS, 4, bytes([BOOT_FLAGS, 0, 0]))
        return {} if data[1] & _BOOT_PARAMETER_INVALID else boot_flags.decode(data[2:])._asdict()

    async def _cause(self) -> Body:
        number = (await self._command(CHASSIS, Chassis.GET_RESTART_CAUSE, 1))[0] & 0x0F
        return {"RestartCause": RESTART_CAUSES[number] if number < len(RESTART_CAUSES) else f"cause {number}"}

    async def _hours(self) -> Body:
        data = await self._command(CHASSIS, Chassis.GET_POWER_ON_HOURS, 5)
        minutes, count = struct.unpack("<BI", data[:5])
        return {"PowerOnMinutes": minutes * count}

    async def _events(self) -> Body:
        await self._sel.read()
        return {"Sel": {"Newest": self._sel.newest, "Erased": self._sel.erased}}

    async def _clock(self) -> Body:
        data = await self._command(STORAGE, Storage.GET_SEL_TIME, 4)
        return {"time": time_text(int.from_bytes(data[:4], "little"))}

    async def _marks(self) -> Body:
        if not self._is_ours():
            return {}
        answer = await self._command(OEM_GROUP, Oem.GET_MARKS, 3, ENTERPRISE_BYTES)
        try:
            return {"Marks": json.loads(answer[3:])}
        except ValueError as error:
            raise BmcError(kind="content", blame="bmc", says="the marks of resets are no JSON") from error

    async def _command(self, netfn: int, command: int, length: int, data: bytes = b"") -> bytes:
        """An answer of at least `length` bytes."""
        answer = await self._connection.command(netfn, command, data)
        if len(answer) < length:
            says = f"the BMC answered command {netfn:#04x} {command:#04x} with {len(answer)} bytes instead of {length}"
            raise BmcError(kind="content", blame="bmc", says=says)
        return answer
