"""Dell iDRAC: `LastResetTime` since ComputerSystem 1.12 (iDRAC9 of 2022 and later).

Trap: some machines say `0000-00-00T00:00:00+00:00` for ever; those have no witness here (seen on an R750).
"""

from bmc.witness.family import (
    COLD_AND_WARM,
    LAST_RESET,
    STANDARD_LATCHES,
    Body,
    Family,
    evidence_time,
    manufacturer_is,
    present,
    standard,
)


def _signals(system: Body) -> dict[str, str]:
    return standard(system) | present({LAST_RESET: evidence_time(system.get("LastResetTime"))})


FAMILY = Family(
    name="dell",
    recognises=lambda system: manufacturer_is(system, "dell"),
    signals=_signals,
    latches={**STANDARD_LATCHES, LAST_RESET: COLD_AND_WARM},
)
