"""Supermicro: `BootProgress.LastState` only, which latches nothing.

Trap: it says `SystemHardwareInitializationComplete` while the system has long been running (seen on a SYS-821GE).
"""

from bmc.witness.family import STANDARD_LATCHES, Family, manufacturer_is, standard

FAMILY = Family(
    name="supermicro",
    recognises=lambda system: manufacturer_is(system, "supermicro"),
    signals=standard,
    latches=STANDARD_LATCHES,
)
