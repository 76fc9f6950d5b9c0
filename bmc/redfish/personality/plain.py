"""A BMC as poor as they come: no mark of any reset, no events, no log of requests."""

from dataclasses import replace

from bmc.redfish.personality import emulated
from bmc.redfish.vendor import NO_RESETS

PERSONALITY = replace(
    emulated.PERSONALITY,
    name="plain",
    marks=lambda _history: {},
    log_tells=NO_RESETS,
    events_tell=NO_RESETS,
    event_stream="",
    keeps_requests=False,
    manager_tells_reset=False,
)
