"""OpenBMC (bmcweb, as on NVIDIA's GB200 host).

Its lies: `LastResetTime` is the chassis' last change of power: switching off moves it too, and a restart under power does not. And a BMC
that starts under a running server reaches its power-on target again, and so dates the last change to its own start
(openbmc/phosphor-state-manager, chassis_state_manager.cpp).
"""

from bmc.redfish.history import History, to_the_second
from bmc.redfish.vendor import Body, Personality


def _marks(history: History) -> Body:
    machine = history.machine
    progress = machine.boot_progress
    return {
        "PowerRestorePolicy": machine.power_restore_policy,
        "LastResetTime": to_the_second(history.target_reached_at),
        "BootProgress": {"LastState": progress.last_state, "LastStateTime": progress.last_state_time.isoformat()},
        "Oem": {"OpenBmc": {"@odata.type": "#OpenBMCComputerSystem.v1_0_0.OpenBmc"}},
    }


PERSONALITY = Personality(
    name="openbmc",
    manufacturer="NVIDIA",
    vendor="NVIDIA",
    model="GB200 NVL",
    product="GB200 NVL",
    firmware="GB200Nvl-24.12-8",
    marks=_marks,
    system_id="System_0",
    manager_id="BMC_0",
    chassis_id="Chassis_0",
    system_version="v1_22_0",
    media_in="manager",
    log_in="system",
    log_id="EventLog",
    event_stream="/redfish/v1/EventService/SSE",
    boot_targets=("None", "Pxe", "Hdd", "Cd", "Diags", "BiosSetup", "Usb"),
    session_limit=64,
)
