"""Our own emulated BMC: every mark that the standard has, a counter of resets of its own, and a log of all requests."""

from bmc.names import OEM
from bmc.redfish.history import History
from bmc.redfish.vendor import COLD_AND_WARM, Body, Personality


def _marks(history: History) -> Body:
    machine = history.machine
    progress = machine.boot_progress
    return {
        "PowerRestorePolicy": machine.power_restore_policy,
        "LastResetTime": machine.last_reset_time.isoformat(),
        "BootProgress": {"LastState": progress.last_state, "LastStateTime": progress.last_state_time.isoformat()},
        "Oem": {OEM: {"@odata.type": f"#{OEM}.v1_0_0.ComputerSystem", "ResetCount": machine.reset_count}},
    }


PERSONALITY = Personality(
    name="emulated",
    manufacturer="Emulated",
    model="Emulated Server",
    product="Emulated BMC",
    marks=_marks,
    log_tells=COLD_AND_WARM,
    event_stream="/redfish/v1/EventService/SSE",
    events_tell=COLD_AND_WARM,
    session_limit=32,
    session_seconds=3600,
    keeps_requests=True,
    has_bios=False,
)
