"""Any other BMC: what the standard offers, trusted no further than the weakest known implementation.

sushy-emulator is one: it has none of these properties, and so no witness.
"""

from bmc.witness.family import COLD, LAST_RESET_COLD, STANDARD_LATCHES, Family
from bmc.witness.openbmc import cold_signals

FAMILY = Family(
    name="unknown",
    recognises=lambda _system: True,
    signals=cold_signals,
    latches={**STANDARD_LATCHES, LAST_RESET_COLD: COLD},
)
