"""Any other BMC: what the standard offers, trusted no further than the weakest known implementation.

sushy-emulator is one: it has none of these properties, and so no witness.
"""

from bmc.witness.families.openbmc import cold_signals
from bmc.witness.family import COLD, LAST_RESET_COLD, STANDARD_LATCHES, Claim, Family

FAMILY = Family(
    name="unknown",
    recognises=lambda _body: Claim.LAST,
    signals=cold_signals,
    latches={**STANDARD_LATCHES, LAST_RESET_COLD: COLD},
    redates=frozenset({LAST_RESET_COLD}),
)
