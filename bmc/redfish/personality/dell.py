"""Dell iDRAC9 6.00 (PowerEdge R750): `LastResetTime` to the second, in the BMC's own time zone."""

from datetime import timedelta, timezone

from bmc.redfish.history import History, to_the_second
from bmc.redfish.vendor import COLD_AND_WARM, Body, Personality

_ZONE = timezone(timedelta(hours=-5))


def dell_oem() -> Body:
    """What it says under `Oem`."""
    return {"Dell": {"@odata.type": "#DellOem.v1_3_0.DellOemResources", "DellSystem": {"PowerCapEnabledState": "Disabled"}}}


def _marks(history: History) -> Body:
    return {"LastResetTime": to_the_second(history.booted_at.astimezone(_ZONE)), "Oem": dell_oem()}


PERSONALITY = Personality(
    name="dell",
    manufacturer="Dell Inc.",
    vendor="Dell",
    model="PowerEdge R750",
    product="Integrated Dell Remote Access Controller",
    firmware="6.00.30.00",
    marks=_marks,
    system_id="System.Embedded.1",
    manager_id="iDRAC.Embedded.1",
    chassis_id="System.Embedded.1",
    system_version="v1_16_0",
    log_id="Sel",
    event_stream="/redfish/v1/SSE",
    reset_types=(
        "On",
        "ForceOff",
        "ForceRestart",
        "GracefulRestart",
        "GracefulShutdown",
        "PushPowerButton",
        "Nmi",
        "PowerCycle",
    ),
    boot_targets=("None", "Pxe", "Floppy", "Cd", "Hdd", "BiosSetup", "Utilities", "UefiTarget", "SDCard", "UefiHttp"),
    events_tell=COLD_AND_WARM,
)
