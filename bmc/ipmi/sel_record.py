"""One record of the System Event Log (IPMI 2.0 table 32-1), and which of them tell that a server lost power or was reset."""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime

SENSOR_SPECIFIC = 0x6F
SYSTEM_EVENT = 0x02
TIMESTAMPED_TYPES = range(0xE0)
"""Record types that carry a timestamp; the others are the manufacturer's own."""
UNSPECIFIED_TIME = 0xFFFFFFFF
INITIALIZING_TIME_MAX = 0x20000000
"""Times up to here count seconds since the BMC started, as no clock was set (§37)."""
SIZE = 16

POWER_UNIT = 0x09
SYSTEM_EVENT_SENSOR = 0x12
BOOT_INITIATED = 0x1D
OS_BOOT = 0x1F
OS_STOP = 0x20
ACPI_STATE = 0x22
WATCHDOG = 0x23

_PEF_ACTION = 4
_PEF_POWER_ACTIONS = 0b1110
_TELLING: dict[int, dict[int, str]] = {
    POWER_UNIT: {0: "power off", 1: "power cycle", 4: "AC lost"},
    SYSTEM_EVENT_SENSOR: {1: "OEM system boot event"},
    BOOT_INITIATED: {
        0: "boot by power up",
        1: "boot by hard reset",
        2: "boot by warm reset",
        3: "boot by PXE request",
        4: "automatic boot to diagnostic",
        5: "hard reset by software",
        6: "warm reset by software",
        7: "system restart",
    },
    OS_BOOT: dict.fromkeys(range(7), "operating system booted"),
    OS_STOP: {1: "operating system stopped", 2: "graceful stop", 3: "graceful shutdown"},
    ACPI_STATE: {0: "S0 working", 5: "S5 soft-off", 6: "S4 or S5 soft-off", 7: "G3 mechanical off"},
    WATCHDOG: {1: "watchdog hard reset", 2: "watchdog power down", 3: "watchdog power cycle"},
}
"""Sensor type -> offset -> meaning (table 42-3). Button, redundancy and clock events are left out: they prove nothing."""

_LAYOUT = struct.Struct("<HBIHBBBB3s")


@dataclass(frozen=True, kw_only=True)
class SelRecord:
    """One system event. `timestamp`: seconds since 1970 by the BMC's clock; `data`: the three bytes of the event."""

    id: int
    kind: int = SYSTEM_EVENT
    timestamp: int = 0
    generator: int = 0x20
    revision: int = 4
    sensor_type: int
    sensor: int = 0
    event: int = SENSOR_SPECIFIC
    data: bytes = b"\xff\xff\xff"

    def description(self) -> str:
        """What it tells about power, boot or reset, in words; empty where it tells nothing."""
        if self.kind != SYSTEM_EVENT or self.event & 0x7F != SENSOR_SPECIFIC:
            return ""
        offset = self.data[0] & 0x0F
        if self.sensor_type == SYSTEM_EVENT_SENSOR and offset == _PEF_ACTION and self.data[1] & _PEF_POWER_ACTIONS:
            return "PEF power action"
        words = _TELLING.get(self.sensor_type, {}).get(offset, "")
        return f"{words} ended" if words and self.event & 0x80 else words

    def encode(self) -> bytes:
        """The 16 bytes."""
        return _LAYOUT.pack(
            self.id,
            self.kind,
            self.timestamp,
            self.generator,
            self.revision,
            self.sensor_type,
            self.sensor,
            self.event,
            self.data,
        )


def decode(data: bytes) -> SelRecord:
    """A record of 16 bytes; struct.error where they are not that many."""
    number, kind, timestamp, generator, revision, sensor_type, sensor, event, rest = _LAYOUT.unpack(data)
    return SelRecord(
        id=number,
        kind=kind,
        timestamp=timestamp if kind in TIMESTAMPED_TYPES else 0,
        generator=generator,
        revision=revision,
        sensor_type=sensor_type,
        sensor=sensor,
        event=event,
        data=rest,
    )


def time_text(timestamp: int) -> str:
    """A SEL timestamp as ISO 8601; empty where the BMC had no clock or says nothing."""
    if timestamp == UNSPECIFIED_TIME or timestamp <= INITIALIZING_TIME_MAX:
        return ""
    return datetime.fromtimestamp(timestamp, UTC).isoformat()
