"""A server as its BMC sees it: power, boot override, media and the marks that a reset leaves.

A pure state machine: no I/O, no timer, a clock that is passed in. Whoever drives it (an emulated BMC, a test) asks `plan` what a
Redfish reset type means in the present state, lets the time pass that such a thing takes, and calls `apply` for each action.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Literal

from bmc.request_log import RequestLog

PowerState = Literal["On", "Off"]
OverrideEnabled = Literal["Disabled", "Once", "Continuous"]
OverrideMode = Literal["UEFI", "Legacy"]
Clock = Callable[[], datetime]

NO_OVERRIDE = "None"


class Action(Enum):
    """What can happen to a server's power and reset line."""

    POWER_ON = "power on"
    POWER_OFF = "power off"
    RESTART = "restart"
    INTERRUPT = "interrupt"


_WHEN_ON: dict[str, tuple[Action, ...]] = {
    "On": (),
    "ForceOn": (),
    "ForceOff": (Action.POWER_OFF,),
    "GracefulShutdown": (Action.POWER_OFF,),
    "PushPowerButton": (Action.POWER_OFF,),
    "GracefulRestart": (Action.RESTART,),
    "ForceRestart": (Action.RESTART,),
    "PowerCycle": (Action.POWER_OFF, Action.POWER_ON),
    "Nmi": (Action.INTERRUPT,),
}
_NEVER_BOOTS = frozenset({"ForceOff", "GracefulShutdown", "Nmi"})

RESET_TYPES = tuple(_WHEN_ON)
"""Redfish `ResetType`s that a Machine understands."""


@dataclass(frozen=True)
class PowerChange:
    """One change of power, or a restart (`before` and `after` are both On: power never showed Off).

    `cause`: the reset type, or who did it (`OperatingSystem`, `PowerLoss`). `boot_target`: the override that this boot obeys
    (`None`: the ordinary boot order); empty where nothing boots.
    """

    before: PowerState
    after: PowerState
    cause: str
    boot_target: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class BootOverride:
    """Redfish `Boot` override: `target` like `Cd`, `Pxe`, `Hdd`, or `None` for the ordinary order."""

    target: str = NO_OVERRIDE
    enabled: OverrideEnabled = "Disabled"
    mode: OverrideMode = "UEFI"
    http_uri: str | None = None


@dataclass(frozen=True, kw_only=True)
class Medium:
    """One virtual media device; `image` is a URL, None where nothing is inserted."""

    image: str | None = None
    write_protected: bool = True

    @property
    def inserted(self) -> bool:
        """Is there something in the device?"""
        return self.image is not None


@dataclass(frozen=True, kw_only=True)
class BootProgress:
    """Redfish `BootProgress`: how far the boot came, and since when."""

    last_state: str = "None"
    last_state_time: datetime


PowerListener = Callable[["Machine", PowerChange], None]
ManagerListener = Callable[["Machine"], None]


@dataclass(kw_only=True)
class Machine:
    """One server, and what listens to it.

    `on_power` listeners are told of every change of power and of every restart, after the state has changed; `on_manager_restart` ones
    of every restart of the BMC itself.
    `last_reset_time` moves and `reset_count` grows with every reset, cold (power on) and warm (restart).
    """

    name: str
    uuid: str
    clock: Clock
    power: PowerState = "On"
    mac_addresses: tuple[str, ...] = ()
    boot: BootOverride = field(default_factory=BootOverride)
    media: dict[str, Medium] = field(default_factory=lambda: {"Cd": Medium()})
    power_restore_policy: Literal["AlwaysOn", "AlwaysOff", "LastState"] = "LastState"
    reset_count: int = 0
    requests: RequestLog = field(default_factory=RequestLog)
    on_power: list[PowerListener] = field(default_factory=list)
    on_manager_restart: list[ManagerListener] = field(default_factory=list)
    last_reset_time: datetime = field(init=False)
    manager_reset_time: datetime = field(init=False)
    boot_progress: BootProgress = field(init=False)

    def __post_init__(self) -> None:
        """The server is found as it is: its last reset, and its BMC's, were now."""
        now = self.clock()
        self.last_reset_time = self.manager_reset_time = now
        self.boot_progress = BootProgress(last_state="OSRunning" if self.power == "On" else NO_OVERRIDE, last_state_time=now)

    def plan(self, reset_type: str) -> tuple[Action, ...]:
        """The actions that this Redfish reset type means in the present state, in order. ValueError for an unknown type.

        A server that is off boots on any type that ends with a running server, as OpenBMC does, and ignores the others.
        """
        if reset_type not in _WHEN_ON:
            raise ValueError(f"{reset_type!r} is no reset type; known are {', '.join(RESET_TYPES)}")
        if self.power == "On":
            return _WHEN_ON[reset_type]
        return () if reset_type in _NEVER_BOOTS else (Action.POWER_ON,)

    def apply(self, action: Action, cause: str) -> None:
        """Apply one action now. Powering on a running server, and powering off or restarting a stopped one, does nothing."""
        before = self.power
        after: PowerState = "Off" if action is Action.POWER_OFF else "On"
        if action is Action.INTERRUPT or (action is not Action.RESTART and before == after):
            return
        if action is Action.RESTART and before == "Off":
            return
        self.power = after
        change = PowerChange(before, after, cause, self._boots() if after == "On" else "", self.clock())
        if after == "Off":
            self.progress(NO_OVERRIDE)
        for listener in tuple(self.on_power):
            listener(self, change)

    def reset(self, reset_type: str) -> None:
        """Do all that this reset type means, at once. ValueError for an unknown type."""
        for action in self.plan(reset_type):
            self.apply(action, reset_type)

    def restart(self, cause: str = "OperatingSystem") -> None:
        """A warm reset that no BMC command asked for, like `reboot` in the operating system."""
        self.apply(Action.RESTART, cause)

    def lose_power(self) -> None:
        """The mains fails."""
        self.apply(Action.POWER_OFF, "PowerLoss")

    def progress(self, state: str) -> None:
        """The firmware or the system tells the BMC how far the boot came (Redfish `BootProgressTypes`)."""
        self.boot_progress = BootProgress(last_state=state, last_state_time=self.clock())

    def set_boot(self, boot: BootOverride) -> None:
        """Change the boot override. Target `None` means no override, so it disables it (DSP0268, Boot)."""
        self.boot = replace(boot, enabled="Disabled") if boot.target == NO_OVERRIDE else boot

    def insert(self, device: str, image: str, *, write_protected: bool = True) -> None:
        """Put an image into a device; KeyError where there is no such device."""
        self._need(device)
        self.media[device] = Medium(image=image, write_protected=write_protected)

    def eject(self, device: str) -> None:
        """Empty a device; KeyError where there is no such device."""
        self._need(device)
        self.media[device] = Medium()

    def restart_manager(self) -> None:
        """The BMC itself restarts: its request log is gone, the server notices nothing."""
        self.manager_reset_time = self.clock()
        self.requests.clear()
        for listener in tuple(self.on_manager_restart):
            listener(self)

    def _need(self, device: str) -> None:
        if device not in self.media:
            raise KeyError(device)

    def _boots(self) -> str:
        """Record a reset and apply the boot override; a one-time override is cleared."""
        self.last_reset_time = self.clock()
        self.reset_count += 1
        self.progress("SystemHardwareInitializationComplete")
        if self.boot.enabled == "Disabled":
            return NO_OVERRIDE
        target = self.boot.target
        if self.boot.enabled == "Once":
            self.boot = replace(self.boot, target=NO_OVERRIDE, enabled="Disabled")
        return target
