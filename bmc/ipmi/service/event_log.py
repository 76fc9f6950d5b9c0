"""The System Event Log of the emulated BMC: it writes down every loss of power and every boot."""

import struct
from datetime import timedelta
from itertools import pairwise

from bmc.ipmi import sel_record
from bmc.ipmi.sel_record import BOOT_INITIATED, POWER_UNIT, SIZE, SelRecord
from bmc.ipmi.service.commands import Command, CompletionCodeError, Handlers
from bmc.ipmi.wire import NEWEST_RECORD, STORAGE, Completion, Storage
from bmc.machine import Machine, PowerChange

CAPACITY = 512
_VERSION = 0x51
_SUPPORT = 0x0A
"""Reserve and Delete are supported."""
_OVERFLOW = 0x80
_FIRST = 0x0000
_POWER_OFF = 0
_BY_POWER_UP, _BY_HARD_RESET, _BY_WARM_RESET = 0, 1, 2
_CLEAR = b"CLR"
_START_ERASING, _ERASURE_DONE = 0xAA, 0x01
_OPERATING_SYSTEM = "OperatingSystem"


class EventLog:
    """Records in order, numbered from 1; a full log takes no more, and says so. Clearing it starts the numbers again."""

    def __init__(self, machine: Machine, capacity: int = CAPACITY) -> None:
        self._machine = machine
        self._capacity = capacity
        self._records: list[SelRecord] = []
        self._next_id = 1
        self._overflow = False
        self._added = self._erased = sel_record.UNSPECIFIED_TIME
        self._reservation = 0
        self._clock_shift = timedelta()
        machine.on_power.append(self._power_changed)

    def handlers(self) -> Handlers:
        """The commands of the event log."""
        return {
            (STORAGE, Storage.GET_SEL_INFO): self._info,
            (STORAGE, Storage.GET_SEL_ALLOCATION): self._allocation,
            (STORAGE, Storage.RESERVE_SEL): self._reserve,
            (STORAGE, Storage.GET_SEL_ENTRY): self._get,
            (STORAGE, Storage.ADD_SEL_ENTRY): self._add,
            (STORAGE, Storage.DELETE_SEL_ENTRY): self._delete,
            (STORAGE, Storage.CLEAR_SEL): self._clear,
            (STORAGE, Storage.GET_SEL_TIME): lambda _: self._now().to_bytes(4, "little"),
            (STORAGE, Storage.SET_SEL_TIME): self._set_time,
        }

    def append(self, sensor_type: int, offset: int) -> None:
        """Write down an event that happens now."""
        record = SelRecord(id=0, sensor_type=sensor_type, data=bytes([offset, 0xFF, 0xFF]))
        self._append(record)

    def _append(self, record: SelRecord) -> int:
        if len(self._records) >= self._capacity:
            self._overflow = True
            raise CompletionCodeError(Completion.OUT_OF_SPACE)
        now = self._now()
        self._records.append(_renumbered(record, self._next_id, now))
        self._next_id += 1
        self._added = now
        return self._records[-1].id

    def _power_changed(self, _machine: Machine, change: PowerChange) -> None:
        if change.after == "Off":
            event = (POWER_UNIT, _POWER_OFF)
        elif change.before == "Off":
            event = (BOOT_INITIATED, _BY_POWER_UP)
        else:
            event = (BOOT_INITIATED, _BY_WARM_RESET if change.cause == _OPERATING_SYSTEM else _BY_HARD_RESET)
        if len(self._records) < self._capacity:
            self.append(*event)
        else:
            self._overflow = True

    def _now(self) -> int:
        return int((self._machine.clock() + self._clock_shift).timestamp())

    def _info(self, _command: Command) -> bytes:
        free = (self._capacity - len(self._records)) * SIZE
        support = _SUPPORT | (_OVERFLOW if self._overflow else 0)
        return struct.pack("<BHHIIB", _VERSION, len(self._records), min(free, 0xFFFE), self._added, self._erased, support)

    def _allocation(self, _command: Command) -> bytes:
        free = self._capacity - len(self._records)
        return struct.pack("<HHHHB", self._capacity, SIZE, free, free, 1)

    def _reserve(self, _command: Command) -> bytes:
        self._reservation = self._reservation % 0xFFFF + 1
        return self._reservation.to_bytes(2, "little")

    def _get(self, command: Command) -> bytes:
        command.byte(5)
        _, number, offset, count = struct.unpack("<HHBB", command.data[:6])
        record, following = self._find(number)
        return following.to_bytes(2, "little") + record.encode()[offset : offset + count]

    def _find(self, number: int) -> tuple[SelRecord, int]:
        """The record of that number, 0 for the first and 0xFFFF for the newest, and the number of the next one."""
        if self._records and number == NEWEST_RECORD:
            return self._records[-1], NEWEST_RECORD
        wanted = self._records[0].id if self._records and number == _FIRST else number
        for record, following in pairwise([*self._records, None]):
            if record and record.id == wanted:
                return record, following.id if following else NEWEST_RECORD
        raise CompletionCodeError(Completion.NOT_PRESENT)

    def _add(self, command: Command) -> bytes:
        command.byte(SIZE - 1)
        return self._append(sel_record.decode(command.data[:SIZE])).to_bytes(2, "little")

    def _delete(self, command: Command) -> bytes:
        command.byte(3)
        self._need_reservation(command)
        record, _ = self._find(int.from_bytes(command.data[2:4], "little"))
        self._records.remove(record)
        self._erased = self._now()
        return record.id.to_bytes(2, "little")

    def _clear(self, command: Command) -> bytes:
        action = command.byte(5)
        self._need_reservation(command)
        if command.data[2:5] != _CLEAR:
            raise CompletionCodeError(Completion.INVALID_FIELD)
        if action == _START_ERASING:
            self._records.clear()
            self._next_id, self._overflow, self._erased = 1, False, self._now()
        return bytes([_ERASURE_DONE])

    def _need_reservation(self, command: Command) -> None:
        if int.from_bytes(command.data[:2], "little") != self._reservation:
            raise CompletionCodeError(Completion.RESERVATION_LOST)

    def _set_time(self, command: Command) -> bytes:
        command.byte(3)
        self._clock_shift += timedelta(seconds=int.from_bytes(command.data[:4], "little") - self._now())
        return b""


def _renumbered(record: SelRecord, number: int, now: int) -> SelRecord:
    return SelRecord(
        id=number,
        kind=record.kind,
        timestamp=now,
        generator=record.generator,
        revision=record.revision,
        sensor_type=record.sensor_type,
        sensor=record.sensor,
        event=record.event,
        data=record.data,
    )
