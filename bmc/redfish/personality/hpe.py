"""HPE iLO 5 2.72 (ProLiant DL385 Gen10 Plus): OEM marks only.

Its lie: `CurrentPowerOnTimeSeconds` counts since power came, and a restart under power does not begin it anew.
"""

from bmc.redfish.history import History
from bmc.redfish.vendor import Body, Personality


def _post_state(history: History) -> str:
    if history.machine.power == "Off":
        return "PowerOff"
    return "InPost" if history.machine.boot_progress.last_state == "SystemHardwareInitializationComplete" else "FinishedPost"


def _marks(history: History) -> Body:
    oem = {
        "@odata.type": "#HpeComputerSystemExt.v2_12_0.HpeComputerSystemExt",
        "CurrentPowerOnTimeSeconds": history.powered_seconds,
        "PowerOnMinutes": history.powered_seconds_ever // 60,
        "PostState": _post_state(history),
        "PostDiscoveryCompleteTimeStamp": history.booted_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "PowerAutoOn": "Restore",
    }
    return {"Oem": {"Hpe": oem}}


PERSONALITY = Personality(
    name="hpe",
    manufacturer="HPE",
    vendor="HPE",
    model="ProLiant DL385 Gen10 Plus v2",
    product="ProLiant DL385 Gen10 Plus v2",
    firmware="iLO 5 v2.72",
    marks=_marks,
    system_id="1",
    manager_id="1",
    chassis_id="1",
    media_in="manager",
    log_in="system",
    log_id="IML",
    reset_types=("On", "ForceOff", "GracefulShutdown", "ForceRestart", "Nmi", "PushPowerButton", "GracefulRestart"),
    boot_targets=("None", "Cd", "Hdd", "Usb", "SDCard", "Utilities", "Diags", "BiosSetup", "Pxe", "UefiShell", "UefiHttp"),
    manager_tells_reset=False,
)
