"""What one vendor's BMC is like, as far as a pivot could notice it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from bmc.machine import RESET_TYPES
from bmc.redfish.history import History

Body = dict[str, Any]
LogOwner = Literal["system", "manager"]

ALL_BOOT_TARGETS = ("None", "Pxe", "Cd", "Hdd", "Usb", "UefiHttp", "BiosSetup")
COLD = frozenset({"cold"})
COLD_AND_WARM = frozenset({"cold", "warm"})
NO_RESETS: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Personality:
    """A BMC's names, its habits, and the marks that resets leave in it.

    `marks` are the properties of the ComputerSystem that witness resets. `system_id`, `manager_id`, `chassis_id`: ids of the
    resources; an empty system id stands for the machine's UUID, the others follow the system's when empty. `media_in` and `log_in`
    tell whether virtual media and the hardware log hang under the System or the Manager. `log_tells` and `events_tell` are the
    resets (`cold`, `warm`) that the hardware log and the events mention. `event_stream` is the path of server-sent events, empty
    where there are none. `keeps_requests`: the log of requests is offered, which no vendor does. `has_bios`: its settings can be read
    and written. `manager_tells_reset`: the Manager has a `LastResetTime` of its own.
    """

    name: str
    manufacturer: str
    model: str
    product: str
    marks: Callable[[History], Body]
    vendor: str = ""
    system_id: str = ""
    manager_id: str = ""
    chassis_id: str = ""
    system_version: str = "v1_13_0"
    firmware: str = "1.0"
    media_in: LogOwner = "system"
    log_in: LogOwner = "manager"
    log_id: str = "SEL"
    log_tells: frozenset[str] = COLD
    event_stream: str = ""
    events_tell: frozenset[str] = COLD
    reset_types: tuple[str, ...] = RESET_TYPES
    boot_targets: tuple[str, ...] = ALL_BOOT_TARGETS
    boot_enabled: tuple[str, ...] = ("Disabled", "Once", "Continuous")
    session_limit: int = 8
    session_seconds: int = 1800
    keeps_requests: bool = False
    has_bios: bool = True
    manager_tells_reset: bool = True
