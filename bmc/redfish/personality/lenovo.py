"""Lenovo XCC 2.83 (ThinkSystem SR670 V2): `NumberOfReboots` counts every boot."""

from bmc.redfish.history import History
from bmc.redfish.vendor import COLD_AND_WARM, Body, Personality

_STATUS = {
    "None": "SystemPowerOff/StateUnknown",
    "OSBootStarted": "BootingOSOrInUndetectedOS",
    "OSRunning": "BootingOSOrInUndetectedOS",
}


def _marks(history: History) -> Body:
    oem = {
        "@odata.type": "#LenovoComputerSystem.v1_0_0.LenovoSystemProperties",
        "NumberOfReboots": history.boots,
        "TotalPowerOnHours": history.powered_seconds_ever // 3600,
        "SystemStatus": _STATUS.get(history.machine.boot_progress.last_state, "SystemRunningInUEFI"),
    }
    return {"Oem": {"Lenovo": oem}}


PERSONALITY = Personality(
    name="lenovo",
    manufacturer="Lenovo",
    vendor="Lenovo",
    model="ThinkSystem SR670 V2",
    product="",
    firmware="TGBT42S 2.83 2023-07-05",
    marks=_marks,
    system_id="1",
    manager_id="1",
    chassis_id="1",
    system_version="v1_17_0",
    log_in="system",
    log_id="PlatformLog",
    log_tells=COLD_AND_WARM,
    event_stream="/redfish/v1/EventService/ServerSentEvent",
    reset_types=("On", "Nmi", "GracefulShutdown", "GracefulRestart", "ForceOn", "ForceOff", "ForceRestart"),
    boot_targets=("None", "Pxe", "Cd", "Usb", "Hdd", "BiosSetup", "Diags"),
    boot_enabled=("Once", "Disabled"),
    session_seconds=300,
    manager_tells_reset=False,
)
