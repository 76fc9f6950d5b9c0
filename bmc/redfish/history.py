"""What a BMC remembers of its server's power, whichever part of it a vendor shows."""

from datetime import datetime, timedelta

from bmc.machine import Machine, PowerChange

FOUND_RUNNING_FOR = timedelta(days=43, hours=4, minutes=29, seconds=6)
"""Assumed uptime of a server that is on when the emulation starts."""
FOUND_BOOTS = 16


class History:
    """The marks that the power's changes leave; follows a machine from the moment it is made.

    `powered_at`: when power came last. `chassis_changed_at`: when power last came or went. `booted_at`: when the server last began
    to boot, cold or warm. `boots` counts both. `target_reached_at`: when power last came or went, or the BMC started itself and
    found its server running.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.powered_at = self.chassis_changed_at = self.booted_at = machine.clock() - FOUND_RUNNING_FOR
        self.target_reached_at = self.chassis_changed_at
        self.boots = FOUND_BOOTS
        self._powered_before = timedelta()
        machine.on_power.append(self._changed)
        machine.on_manager_restart.append(self._manager_restarted)

    @property
    def powered_seconds(self) -> int:
        """Seconds since power-on, 0 while off. A warm restart does not reset it."""
        return int(self._powered_for().total_seconds())

    @property
    def powered_seconds_ever(self) -> int:
        """All the time the server has been on."""
        return int((self._powered_before + self._powered_for()).total_seconds())

    def _powered_for(self) -> timedelta:
        return self.machine.clock() - self.powered_at if self.machine.power == "On" else timedelta()

    def _manager_restarted(self, machine: Machine) -> None:
        if machine.power == "On":
            self.target_reached_at = machine.clock()

    def _changed(self, machine: Machine, change: PowerChange) -> None:
        if change.before != change.after:
            self.chassis_changed_at = self.target_reached_at = change.at
        if change.after == "Off":
            self._powered_before += change.at - self.powered_at
            return
        self.booted_at = machine.last_reset_time
        self.boots += 1
        if change.before == "Off":
            self.powered_at = change.at


def to_the_second(when: datetime) -> str:
    """As most BMCs write a moment: two resets within one second look the same."""
    return when.replace(microsecond=0).isoformat()
