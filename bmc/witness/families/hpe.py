"""HPE iLO 5 and later: OEM marks only; there is no `LastResetTime`.

Trap: `CurrentPowerOnTimeSeconds` counts since power came and a restart under power does not begin it anew
(bb-Ricardo/check_redfish#170), so nothing here latches a warm reset.
"""

from bmc.witness.family import (
    COLD,
    NEITHER,
    STANDARD_LATCHES,
    Body,
    Family,
    counter,
    evidence_time,
    has,
    inner,
    manufacturer_is,
    present,
    standard,
    word,
)

_POWERED = "Hpe.CurrentPowerOnTimeSeconds"
_POST_STATE = "Hpe.PostState"
_POST_TIME = "Hpe.PostDiscoveryCompleteTimeStamp"


def _signals(system: Body) -> dict[str, str]:
    oem = inner(system, "Oem", "Hpe")
    return standard(system) | present(
        {
            _POWERED: counter(inner(oem, "CurrentPowerOnTimeSeconds")),
            _POST_STATE: word(inner(oem, "PostState")),
            _POST_TIME: evidence_time(inner(oem, "PostDiscoveryCompleteTimeStamp")),
        }
    )


FAMILY = Family(
    name="hpe",
    recognises=lambda system: max(manufacturer_is(system, "hpe"), has(system, "Oem", "Hpe")),
    signals=_signals,
    latches={**STANDARD_LATCHES, _POWERED: COLD, _POST_STATE: NEITHER, _POST_TIME: NEITHER},
    grows=frozenset({_POWERED}),
)
