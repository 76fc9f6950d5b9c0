"""Witnesses: which values of a BMC prove that a server was, or was not, reset.

Pure functions over one ComputerSystem, or over what IPMI commands answered (under `Ipmi`). Each family's file states what is
known of it and where it is wrong; measured on one machine of each vendor.
"""

from collections.abc import Mapping

from bmc.witness.comparison import (
    TOLERANCE_SECONDS,
    Fate,
    Sample,
    of_reset_counter,
    of_time_counter,
    of_timestamp,
    seconds,
)
from bmc.witness.family import MANAGER_RESET, NEITHER, Body, Family, Resets
from bmc.witness.known import KnownFamilies

__all__ = [
    "FAMILIES",
    "MANAGER_RESET",
    "TOLERANCE_SECONDS",
    "Fate",
    "Sample",
    "classify_change",
    "differ",
    "family",
    "indicates_reset",
    "latches",
    "moved",
    "redates",
    "seconds",
    "signals",
]

FAMILIES = KnownFamilies()
"""All of them; a family is found by its file."""


def family(system: Body) -> Family:
    """The family a ComputerSystem belongs to; `unknown` at last. Raises BmcError where two claim it."""
    return FAMILIES.of(system)


def signals(system: Body) -> dict[str, str]:
    """The evidence in one ComputerSystem: name -> value as the BMC wrote it; vendors' empty values are left out."""
    return family(system).signals(system)


def latches(name: str) -> Resets:
    """The kinds of reset that always change this signal: `cold`, `warm`, both, or none if it proves nothing.

    Where families share a name, it is trusted as far as the weakest of them.
    """
    claims = [each.latches[name] for each in FAMILIES if name in each.latches]
    return claims[0].intersection(*claims) if claims else NEITHER


def indicates_reset(name: str) -> bool:
    """Does a change of this signal mean a reset? Also true for signals whose lack of change proves nothing."""
    return bool(latches(name)) or any(name in each.tells for each in FAMILIES)


def redates(name: str) -> bool:
    """Does a BMC of some family write this signal anew when it starts itself, under a server that runs on?"""
    return any(name in each.redates for each in FAMILIES)


def moved(name: str, before: str, after: str) -> bool:
    """Does this signal differ between two readings in a way that means an event?

    A time counter may grow, a timestamp may change its zone (an iDRAC's does with daylight saving), and one derived from the
    uptime jitters.
    """
    if before.isdecimal() and after.isdecimal() and any(name in each.grows for each in FAMILIES):
        return int(after) < int(before)
    old, new = seconds(before), seconds(after)
    if old is None or new is None:
        return before != after
    return abs(new - old) > TOLERANCE_SECONDS


def classify_change(name: str, before: Sample, after: Sample) -> Fate:
    """Classify a signal: `unchanged`, `reset`, `lost` (proves nothing any more) or `open` (the next reading decides)."""
    if before.value.isdecimal() and after.value.isdecimal():
        if any(name in each.counts for each in FAMILIES):
            return of_reset_counter(before, after)
        if any(name in each.grows for each in FAMILIES):
            return of_time_counter(before, after)
    return of_timestamp(before, after)


def differ(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Do two sets of signals differ: a signal appeared, disappeared or changed?"""
    return before.keys() != after.keys() or any(moved(name, before[name], after[name]) for name in before)
