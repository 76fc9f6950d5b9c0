"""Supermicro (SYS-821GE-TNHR): no mark of any reset.

Its lie: `BootProgress.LastState` says `SystemHardwareInitializationComplete` while the system has long been running.
"""

from bmc.redfish.history import History
from bmc.redfish.vendor import NO_RESETS, Body, Personality


def _marks(history: History) -> Body:
    state = "SystemHardwareInitializationComplete" if history.machine.power == "On" else "None"
    return {"BootProgress": {"LastState": state}}


PERSONALITY = Personality(
    name="supermicro",
    manufacturer="Supermicro",
    model="SYS-821GE-TNHR",
    product="",
    firmware="11.01.01",
    marks=_marks,
    system_id="1",
    manager_id="1",
    chassis_id="1",
    system_version="v1_14_0",
    media_in="manager",
    log_in="system",
    log_id="Log1",
    log_tells=NO_RESETS,
    events_tell=NO_RESETS,
    boot_targets=("None", "Pxe", "Floppy", "Cd", "Usb", "Hdd", "BiosSetup", "UefiBootNext", "UefiHttp"),
    session_seconds=300,
)
