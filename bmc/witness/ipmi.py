"""Plain IPMI, and our own emulated BMC over it.

Nothing that IPMI offers proves that a server was *not* reset: the restart cause stays the same when the same kind of reset comes
again, the power-on hours go on, and whether the event log is told of a reset is up to the firmware. But a new restart cause, and a
new record of a boot, are proof that it *was*. The emulated BMC counts its resets, and says so in an OEM command.
"""

from bmc.names import OEM
from bmc.witness.family import (
    COLD_AND_WARM,
    LAST_RESET,
    NEITHER,
    Body,
    Family,
    counter,
    evidence_time,
    inner,
    present,
    word,
)

RESTART_CAUSE = "IPMI.RestartCause"
POWER_ON = "IPMI.PowerOnHours"
LAST_POWER_EVENT = "IPMI.LastPowerEvent"
SEL_RESETS = "IPMI.SEL.Resets"
"""The newest record that tells of power, boot or reset since we look."""
SEL_ERASED = "IPMI.SEL.Erased"

_RESETS = f"{OEM}.ResetCount"
_MANAGER_RESET = "Manager.LastResetTime"
_MINUTES = 60
_NOTHING = "unknown"
"""A restart cause that a BMC also says when it has just been restarted itself."""

_LATCHES = dict.fromkeys((RESTART_CAUSE, POWER_ON, LAST_POWER_EVENT, SEL_RESETS, SEL_ERASED), NEITHER)


def _standard(body: Body) -> dict[str, str]:
    ipmi = inner(body, "Ipmi")
    cause, minutes = word(inner(ipmi, "RestartCause")), inner(ipmi, "PowerOnMinutes")
    return present(
        {
            RESTART_CAUSE: "" if cause == _NOTHING else cause,
            POWER_ON: counter(minutes // _MINUTES if isinstance(minutes, int) else None),
            LAST_POWER_EVENT: word(inner(ipmi, "LastPowerEvent")),
            SEL_RESETS: word(inner(ipmi, "Sel", "Newest")),
            SEL_ERASED: word(inner(ipmi, "Sel", "Erased")),
        }
    )


def _emulated(body: Body) -> dict[str, str]:
    marks = inner(body, "Ipmi", "Marks")
    return _standard(body) | present(
        {
            LAST_RESET: evidence_time(inner(marks, "LastResetTime")),
            _RESETS: counter(inner(marks, "ResetCount")),
            _MANAGER_RESET: evidence_time(inner(marks, "ManagerResetTime")),
        }
    )


EMULATED = Family(
    name="emulated",
    recognises=lambda body: inner(body, "Ipmi", "Marks") is not None,
    signals=_emulated,
    latches={**_LATCHES, LAST_RESET: COLD_AND_WARM, _RESETS: COLD_AND_WARM},
    grows=frozenset({POWER_ON}),
    counts=frozenset({_RESETS}),
    tells=frozenset({RESTART_CAUSE, SEL_RESETS}),
)
FAMILY = Family(
    name="ipmi",
    recognises=lambda body: inner(body, "Ipmi") is not None,
    signals=_standard,
    latches=_LATCHES,
    grows=frozenset({POWER_ON}),
    tells=frozenset({RESTART_CAUSE, SEL_RESETS}),
)
