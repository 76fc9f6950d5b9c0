"""Power, restart cause, power-on hours and boot flags of the emulated BMC."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bmc.ipmi import boot_flags
from bmc.ipmi.boot_flags import BootFlags
from bmc.ipmi.service.commands import Command, CompletionCodeError, Handlers
from bmc.ipmi.wire import BOOT_FLAGS, CHASSIS, RESET_TYPES, RESTART_CAUSES, Chassis, Completion
from bmc.machine import BootOverride, Machine, PowerChange

_NEEDS_POWER = ("PowerCycle", "ForceRestart", "GracefulShutdown")
_POLICIES = ("AlwaysOff", "LastState", "AlwaysOn")
_POLICIES_KNOWN = 0b111
_NO_CHANGE = 3
_IDENTIFY_KNOWN = 0x40
_AC_FAILED, _ON_BY_IPMI = 0x01, 0x10
_OWN_ACCORD = {"OperatingSystem": "soft reset", "PowerLoss": "unknown"}
_BY_COMMAND = "chassis control command"
_PARAMETER_VERSION = 1
_PARAMETERS = {0: b"\0", 1: b"\0", 2: b"\0", 3: b"\0", 4: b"\0\0", 6: bytes(9)}
"""The boot option parameters besides the flags and the mailbox, and what they are at first."""
_MAILBOX, _MAILBOX_BLOCKS, _BLOCK_BYTES = 7, 5, 16
_MINUTES_PER_COUNT = 60


class ChassisCommands:
    """The chassis of one machine. `reset` is asked for a Redfish reset type, as Redfish itself would ask."""

    def __init__(self, machine: Machine, reset: Callable[[str], None]) -> None:
        self._machine = machine
        self._reset = reset
        self._cause = "unknown"
        self._event = 0
        self._parameters = dict(_PARAMETERS)
        self._mailbox = [bytes(_BLOCK_BYTES)] * _MAILBOX_BLOCKS
        self._set = (BootOverride(), b"")
        self._on_time = timedelta()
        self._on_since: datetime | None = machine.clock() if machine.power == "On" else None
        machine.on_power.append(self._power_changed)

    def handlers(self) -> Handlers:
        """All commands of the network function Chassis."""
        return {
            (CHASSIS, Chassis.GET_CAPABILITIES): lambda _: bytes([0, 0x20, 0x20, 0x20, 0x20]),
            (CHASSIS, Chassis.GET_STATUS): self._status,
            (CHASSIS, Chassis.CONTROL): self._control,
            (CHASSIS, Chassis.IDENTIFY): lambda _: b"",
            (CHASSIS, Chassis.SET_RESTORE_POLICY): self._set_policy,
            (CHASSIS, Chassis.GET_RESTART_CAUSE): lambda _: bytes([RESTART_CAUSES.index(self._cause), 1]),
            (CHASSIS, Chassis.SET_BOOT_OPTIONS): self._set_boot,
            (CHASSIS, Chassis.GET_BOOT_OPTIONS): self._get_boot,
            (CHASSIS, Chassis.GET_POWER_ON_HOURS): self._hours,
        }

    def _power_changed(self, _machine: Machine, change: PowerChange) -> None:
        if change.after == "On":
            self._cause = _OWN_ACCORD.get(change.cause, _BY_COMMAND)
            self._on_since = self._on_since or change.at
            self._event = _ON_BY_IPMI if change.before == "Off" and self._cause == _BY_COMMAND else self._event
        else:
            self._on_time, self._on_since = self._on_for(change.at), None
            self._event = _AC_FAILED if change.cause == "PowerLoss" else 0

    def _on_for(self, now: datetime) -> timedelta:
        return self._on_time + (now - self._on_since if self._on_since else timedelta())

    def _status(self, _command: Command) -> bytes:
        policy = _POLICIES.index(self._machine.power_restore_policy)
        return bytes([policy << 5 | (self._machine.power == "On"), self._event, _IDENTIFY_KNOWN])

    def _control(self, command: Command) -> bytes:
        reset_type = RESET_TYPES.get(command.byte(0) & 0x0F)
        if reset_type is None:
            raise CompletionCodeError(Completion.INVALID_FIELD)
        if self._machine.power == "Off" and reset_type in _NEEDS_POWER:
            raise CompletionCodeError(Completion.NOT_IN_THIS_STATE)
        self._reset(reset_type)
        return b""

    def _set_policy(self, command: Command) -> bytes:
        number = command.byte(0) & 0b111
        if number > _NO_CHANGE:
            raise CompletionCodeError(Completion.INVALID_FIELD)
        if number != _NO_CHANGE:
            self._machine.power_restore_policy = _POLICIES[number]  # type: ignore[assignment]
        return bytes([_POLICIES_KNOWN])

    def _set_boot(self, command: Command) -> bytes:
        parameter = command.byte(0) & 0x7F
        if parameter == BOOT_FLAGS:
            command.byte(5)
            self._machine.set_boot(_boot(command.data[1:6]))
            self._set = (self._machine.boot, command.data[1:6])
        elif parameter == _MAILBOX:
            self._mailbox[_block(command)] = command.data[2:][:_BLOCK_BYTES].ljust(_BLOCK_BYTES, b"\0")
        elif parameter in self._parameters:
            length = len(self._parameters[parameter])
            command.byte(length)
            self._parameters[parameter] = command.data[1 : 1 + length]
        else:
            raise CompletionCodeError(Completion.PARAMETER_UNSUPPORTED)
        return b""

    def _get_boot(self, command: Command) -> bytes:
        parameter = command.byte(0) & 0x7F
        if parameter == BOOT_FLAGS:
            value = self._flags()
        elif parameter == _MAILBOX:
            value = bytes([_block(command)]) + self._mailbox[_block(command)]
        elif parameter in self._parameters:
            value = self._parameters[parameter]
        else:
            raise CompletionCodeError(Completion.PARAMETER_UNSUPPORTED)
        return bytes([_PARAMETER_VERSION, parameter]) + value

    def _flags(self) -> bytes:
        """The flags as they were written, while valid: they hold more than a Machine's override does, like safe mode."""
        boot, flags = self._set
        return flags if self._machine.boot is boot else _flags(self._machine.boot)

    def _hours(self, _command: Command) -> bytes:
        seconds = max(self._on_for(self._machine.clock()).total_seconds(), 0.0)
        count = int(seconds) // (60 * _MINUTES_PER_COUNT)
        return bytes([_MINUTES_PER_COUNT]) + count.to_bytes(4, "little")


def _block(command: Command) -> int:
    """Which block of the mailbox a command means; CompletionCodeError where there is none."""
    number = command.byte(1)
    if number >= _MAILBOX_BLOCKS:
        raise CompletionCodeError(Completion.OUT_OF_RANGE)
    return number


def _boot(flags: bytes) -> BootOverride:
    """A machine's boot override as the flags mean it."""
    target, enabled, mode = boot_flags.decode(flags)
    return BootOverride(target=target, enabled=enabled, mode=mode)  # type: ignore[arg-type]


def _flags(boot: BootOverride) -> bytes:
    """A machine's boot override; what IPMI has no selector for is shown as none."""
    try:
        return boot_flags.encode(BootFlags(boot.target, boot.enabled, boot.mode))
    except KeyError:
        return bytes(5)
