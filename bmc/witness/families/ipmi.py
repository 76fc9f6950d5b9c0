"""Plain IPMI.

Nothing that IPMI offers proves that a server was *not* reset: the restart cause stays the same when the same kind of reset comes
again, the power-on hours go on, and whether the event log is told of a reset is up to the firmware. But a new restart cause, and a
new record of a boot, are proof that it *was*.
"""

from bmc.witness.family import (
    NEITHER,
    Body,
    Claim,
    Family,
    counter,
    has,
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

_MINUTES = 60
_NOTHING = "unknown"
"""A restart cause that a BMC also says when it has just been restarted itself."""

TELLS = frozenset({RESTART_CAUSE, SEL_RESETS})
LATCHES = dict.fromkeys((RESTART_CAUSE, POWER_ON, LAST_POWER_EVENT, SEL_RESETS, SEL_ERASED), NEITHER)


def ipmi_signals(body: Body) -> dict[str, str]:
    """What the standard commands of IPMI answered."""
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


FAMILY = Family(
    name="ipmi",
    recognises=lambda body: Claim.MAKER if has(body, "Ipmi") else Claim.NONE,
    signals=ipmi_signals,
    latches=LATCHES,
    grows=frozenset({POWER_ON}),
    tells=TELLS,
)
