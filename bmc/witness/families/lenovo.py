"""Lenovo XClarity Controller: `Oem.Lenovo.NumberOfReboots` counts every boot of the host.

`TotalPowerOnHours` beside it grows with time and tells nothing of a reset; it is left out.
"""

from bmc.witness.family import (
    COLD_AND_WARM,
    NEITHER,
    STANDARD_LATCHES,
    Body,
    Family,
    counter,
    inner,
    manufacturer_is,
    present,
    standard,
    word,
)

_REBOOTS = "Lenovo.NumberOfReboots"
_STATUS = "Lenovo.SystemStatus"


def _signals(system: Body) -> dict[str, str]:
    oem = inner(system, "Oem", "Lenovo")
    return standard(system) | present(
        {_REBOOTS: counter(inner(oem, "NumberOfReboots")), _STATUS: word(inner(oem, "SystemStatus"))}
    )


FAMILY = Family(
    name="lenovo",
    recognises=lambda system: manufacturer_is(system, "lenovo"),
    signals=_signals,
    latches={**STANDARD_LATCHES, _REBOOTS: COLD_AND_WARM, _STATUS: NEITHER},
    counts=frozenset({_REBOOTS}),
)
