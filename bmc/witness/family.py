"""What a family of BMCs shows of resets, and how far each signal can be trusted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

Body = dict[str, Any]
Resets = frozenset[str]

COLD: Resets = frozenset({"cold"})
COLD_AND_WARM: Resets = frozenset({"cold", "warm"})
NEITHER: Resets = frozenset()

_FIRST_CREDIBLE_YEAR = 2000


class Claim(IntEnum):
    """How strongly a family claims a BMC; the strongest claim decides, and two equal ones are told as a mistake."""

    NONE = 0
    """It is another family's."""
    LAST = 1
    """It is nobody's that is known."""
    MAKER = 2
    """By the name of its maker, or by its protocol."""
    MARK = 3
    """By a mark that only this family's firmware writes."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """One family of BMCs.

    `recognises` tells how strongly it claims a BMC by what that answered: a ComputerSystem, or what IPMI commands said (under
    `Ipmi`). `signals` extracts raw values from the same; `latches` maps each name to the resets that always change it (`cold`:
    power was lost; `warm`: a restart under power); `grows` names time counters, of which only a drop means a reset; `counts`
    names reset counters; `tells` names signals whose change means a reset although no change proves nothing. `redates` names
    those that a BMC of this family writes anew when it starts itself, under a server that runs on.
    """

    name: str
    recognises: Callable[[Body], Claim]
    signals: Callable[[Body], dict[str, str]]
    latches: Mapping[str, Resets]
    grows: frozenset[str] = field(default_factory=frozenset)
    counts: frozenset[str] = field(default_factory=frozenset)
    tells: frozenset[str] = field(default_factory=frozenset)
    redates: frozenset[str] = field(default_factory=frozenset)


def instant(text: str) -> datetime | str:
    """The moment a timestamp names, to compare it; any other text stays itself."""
    try:
        return datetime.fromisoformat(text) if "T" in text else text
    except ValueError:
        return text


def evidence_time(value: Any) -> str:
    """A timestamp as the BMC wrote it; empty if it is a placeholder.

    Vendors fill in `0000-00-00T00:00:00+00:00` (iDRAC9) or 1970-01-01 (HGX, BlueField) where they know nothing.
    """
    if not isinstance(value, str):
        return ""
    when = instant(value)
    return value if isinstance(when, datetime) and when.year >= _FIRST_CREDIBLE_YEAR else ""


def counter(value: Any) -> str:
    """A counter as text; empty where it is none."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else ""


def word(value: Any) -> str:
    """A word of an enumeration; empty where it is none."""
    return value if isinstance(value, str) else ""


def inner(body: Any, *names: str) -> Any:
    """The value at this path of member names; None if any is missing."""
    for name in names:
        body = body.get(name) if isinstance(body, dict) else None
    return body


def present(signals: Mapping[str, str]) -> dict[str, str]:
    """Only the signals that say something."""
    return {name: value for name, value in signals.items() if value}


def standard(system: Body) -> dict[str, str]:
    """What the standard properties show, whoever made the BMC; none of them latches a reset by itself."""
    return present(
        {
            BOOT_STATE: word(inner(system, "BootProgress", "LastState")),
            BOOT_STATE_TIME: evidence_time(inner(system, "BootProgress", "LastStateTime")),
            RESTORE_POLICY: word(system.get("PowerRestorePolicy")),
        }
    )


BOOT_STATE = "BootProgress.LastState"
BOOT_STATE_TIME = "BootProgress.LastStateTime"
RESTORE_POLICY = "PowerRestorePolicy"
LAST_RESET = "LastResetTime"
LAST_RESET_COLD = "LastResetTime.ColdOnly"
"""The same property on BMCs where a warm restart does not change it; it has its own name so that it is not over-trusted."""

MANAGER_RESET = "Manager.LastResetTime"
"""The BMC's own last reset: no evidence of a server's reset, but sessions, counters and logs may restart with it."""

STANDARD_LATCHES: dict[str, Resets] = {BOOT_STATE: NEITHER, BOOT_STATE_TIME: NEITHER, RESTORE_POLICY: NEITHER}


def manufacturer_is(system: Body, *names: str) -> Claim:
    """MAKER if `Manufacturer` begins with one of these, in any case; else NONE."""
    return Claim.MAKER if word(system.get("Manufacturer")).lower().startswith(names) else Claim.NONE


def has(body: Body, *names: str) -> Claim:
    """MARK if there is something at this path of member names; else NONE."""
    return Claim.NONE if inner(body, *names) is None else Claim.MARK
