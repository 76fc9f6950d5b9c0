"""Our own emulated BMC: `LastResetTime` and a reset counter, both moved by every reset, cold and warm."""

from bmc.names import OEM
from bmc.witness.family import (
    COLD_AND_WARM,
    LAST_RESET,
    STANDARD_LATCHES,
    Body,
    Family,
    counter,
    evidence_time,
    has,
    inner,
    present,
    standard,
)

_RESETS = f"{OEM}.ResetCount"


def _signals(system: Body) -> dict[str, str]:
    return standard(system) | present(
        {
            LAST_RESET: evidence_time(system.get("LastResetTime")),
            _RESETS: counter(inner(system, "Oem", OEM, "ResetCount")),
        }
    )


FAMILY = Family(
    name="emulated",
    recognises=lambda system: has(system, "Oem", OEM),
    signals=_signals,
    latches={**STANDARD_LATCHES, LAST_RESET: COLD_AND_WARM, _RESETS: COLD_AND_WARM},
    counts=frozenset({_RESETS}),
)
