"""AMI MegaRAC, as in NVIDIA's DGX: `LastResetTime`.

That a restart under power moves it has not been seen, so it counts for changes of power only.
"""

from bmc.witness.families.openbmc import cold_signals
from bmc.witness.family import COLD, LAST_RESET_COLD, STANDARD_LATCHES, Family, has

FAMILY = Family(
    name="ami",
    recognises=lambda system: max(has(system, "Oem", name) for name in ("Ami", "AMI")),
    signals=cold_signals,
    latches={**STANDARD_LATCHES, LAST_RESET_COLD: COLD},
)
