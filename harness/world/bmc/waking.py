"""What a BMC says that has just started itself: for a while it may show its server otherwise than it is.

It may show the power as off, or forget and find again what was inserted, until it has looked at its server. What is again as it was
before the BMC's start, within that while, never was otherwise; what stays otherwise is a change like any other.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from bmc import witness
from harness.journal.entry import Entry
from harness.journal.facts import BmcRead

WAKING_SECONDS = 120.0
"""For so long after it answers again, a BMC that started may not know its server; a lab that is faster than life wakes faster."""
PARTS = ("boot", "media", "signals")
"""The members of a reading that are made of several values."""

Told = dict[tuple[str, str], Any]


def awake(reads: list[Entry], speed: float) -> list[Entry]:
    """The same readings without what a BMC that had just started showed otherwise for a while."""
    found = list(reads)
    for first in starts(reads):
        waking = [place for place in range(first, len(reads)) if reads[place].at <= reads[first].at + WAKING_SECONDS / speed]
        for value, before in known_before(reads[:first]).items():
            again = [place for place in waking if told(reads[place]).get(value) == before]
            for place in waking:
                if again and place < again[-1] and told(reads[place]).get(value, before) != before:
                    found[place] = without(found[place], value)
    return found


def starts(reads: list[Entry]) -> Iterator[int]:
    """The places of the readings that show that the BMC itself was started since the one before.

    It tells another start, or, as one whose clock was not set yet, none any more.
    """
    known, forgotten = "", False
    for place, entry in enumerate(reads):
        read = entry.fact
        if not isinstance(read, BmcRead) or not read.bmc_time:
            continue
        started = read.signals.get(witness.MANAGER_RESET, "")
        again = bool(started) and witness.moved(witness.MANAGER_RESET, known, started)
        if known and (again or (not started and not forgotten)):
            yield place
        known, forgotten = started or known, not started


def known_before(reads: list[Entry]) -> Told:
    """The last value that was told of everything but of the BMC itself."""
    found: Told = {}
    for entry in reads:
        found |= told(entry)
    return {value: last for value, last in found.items() if value != ("signals", witness.MANAGER_RESET)}


def told(entry: Entry) -> Told:
    """Every value that a reading tells, by the member it stands in and its name there."""
    read = entry.fact
    if not isinstance(read, BmcRead):
        return {}
    members: dict[str, Mapping[str, Any]] = {part: getattr(read, part) for part in PARTS}
    values = {(part, name): it for part, member in members.items() for name, it in member.items()}
    return values if read.power is None else values | {("power", ""): read.power}


def without(entry: Entry, value: tuple[str, str]) -> Entry:
    """The same reading as if the BMC had not told this value."""
    part, name = value
    read = entry.fact
    assert isinstance(read, BmcRead)  # noqa: S101 - only readings tell values
    left = None if part == "power" else {other: it for other, it in getattr(read, part).items() if other != name}
    return Entry(entry.seq, entry.since, entry.at, msgspec.structs.replace(read, **{part: left}))
