"""What a BMC itself notes of its server, as an IPMI SEL does."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from bmc.machine import Machine, PowerChange

HARDWARE_ENTRIES = 1000


@dataclass(frozen=True)
class HardwareEntry:
    """One entry of the hardware log."""

    id: int
    created: datetime
    message: str
    message_id: str


class HardwareLog:
    """The newest notes; cleared, it begins with a note of that. `tells`: which resets (`cold`, `warm`) are noted."""

    def __init__(self, machine: Machine, tells: frozenset[str]) -> None:
        self._clock = machine.clock
        self._tells = tells
        self.entries: deque[HardwareEntry] = deque(maxlen=HARDWARE_ENTRIES)
        self._next_id = 1
        machine.on_power.append(self._changed)

    def add(self, message: str, message_id: str) -> None:
        """Note something now."""
        self.entries.append(HardwareEntry(self._next_id, self._clock(), message, message_id))
        self._next_id += 1

    def clear(self) -> None:
        """Forget all and count anew."""
        self.entries.clear()
        self._next_id = 1
        self.add("the log was cleared", "Base.1.18.Success")

    def _changed(self, _machine: Machine, change: PowerChange) -> None:
        note = resets_note(change)
        if note[0] in self._tells:
            self.add(note[1], note[2])


def resets_note(change: PowerChange) -> tuple[str, str, str]:
    """Which kind of reset a change of power belongs to, a sentence, and the standard message for it (registry ResourceEvent)."""
    if change.before == change.after:
        return "warm", "the system restarted under power", "ResourceEvent.1.3.ResourceChanged"
    if change.after == "On":
        return "cold", "power came", "ResourceEvent.1.3.ResourcePoweredOn"
    return "cold", "power went", "ResourceEvent.1.3.ResourcePoweredOff"
