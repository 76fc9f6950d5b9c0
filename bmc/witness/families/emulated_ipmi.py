"""Our own emulated BMC over IPMI: it counts its resets, and says so in an OEM command."""

from bmc.names import OEM
from bmc.witness.families.ipmi import LATCHES, POWER_ON, TELLS, ipmi_signals
from bmc.witness.family import COLD_AND_WARM, LAST_RESET, MANAGER_RESET, Body, Family, counter, evidence_time, has, inner, present

_RESETS = f"{OEM}.ResetCount"


def _signals(body: Body) -> dict[str, str]:
    marks = inner(body, "Ipmi", "Marks")
    return ipmi_signals(body) | present(
        {
            LAST_RESET: evidence_time(inner(marks, "LastResetTime")),
            _RESETS: counter(inner(marks, "ResetCount")),
            MANAGER_RESET: evidence_time(inner(marks, "ManagerResetTime")),
        }
    )


FAMILY = Family(
    name="emulated",
    recognises=lambda body: has(body, "Ipmi", "Marks"),
    signals=_signals,
    latches={**LATCHES, LAST_RESET: COLD_AND_WARM, _RESETS: COLD_AND_WARM},
    grows=frozenset({POWER_ON}),
    counts=frozenset({_RESETS}),
    tells=TELLS,
)
