"""OpenBMC (bmcweb), and NVIDIA's servers that are built on it.

Trap: bmcweb fills `LastResetTime` from the chassis' last change of power, so a restart under power does not move it
(ibm-openbmc/dev#3429). And a BMC that starts under a running server reaches its power-on target again, and with it moves
that time to its own start (openbmc/phosphor-state-manager, chassis_state_manager.cpp). HGX baseboards say 1970-01-01, which is no evidence.
"""

from bmc.witness.family import (
    COLD,
    LAST_RESET_COLD,
    STANDARD_LATCHES,
    Body,
    Claim,
    Family,
    evidence_time,
    has,
    manufacturer_is,
    present,
    standard,
)


def cold_signals(system: Body) -> dict[str, str]:
    """The standard signals, and `LastResetTime` as one that only a change of power moves."""
    return standard(system) | present({LAST_RESET_COLD: evidence_time(system.get("LastResetTime"))})


def _recognises(system: Body) -> Claim:
    # NVIDIA writes its own part into the answers of other makers' BMCs too, so that is no more than its name.
    nvidia = Claim.MAKER if has(system, "Oem", "Nvidia") else manufacturer_is(system, "nvidia")
    return max(has(system, "Oem", "OpenBmc"), nvidia)


FAMILY = Family(
    name="openbmc",
    recognises=_recognises,
    signals=cold_signals,
    latches={**STANDARD_LATCHES, LAST_RESET_COLD: COLD},
    redates=frozenset({LAST_RESET_COLD}),
)
