"""AMI MegaRAC 23.11 (NVIDIA DGX H100): `LastResetTime`.

Whether a warm restart changes it is unknown; here it does not, the worse case for a client that trusts it.
"""

from bmc.redfish.history import History, to_the_second
from bmc.redfish.vendor import Body, Personality


def _marks(history: History) -> Body:
    return {
        "PowerRestorePolicy": history.machine.power_restore_policy,
        "LastResetTime": to_the_second(history.powered_at),
        "Oem": {"Ami": {"@odata.type": "#AMIBIOSInventoryCRC.v1_0_0.AMIBIOSInventoryCRC"}},
    }


PERSONALITY = Personality(
    name="ami",
    manufacturer="NVIDIA",
    vendor="AMI",
    model="DGXH100",
    product="AMI Redfish Server",
    firmware="23.11.20",
    marks=_marks,
    system_id="DGX",
    manager_id="BMC",
    chassis_id="DGX",
    system_version="v1_17_0",
    media_in="manager",
    event_stream="/redfish/v1/EventService/SSE",
    manager_tells_reset=False,
)
