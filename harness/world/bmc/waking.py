"""What a BMC says that has just started itself: for a while it may show its server otherwise than it is.

It may show the power as off, or forget and find again what was inserted, until it has looked at its server. What is again as it was
before the BMC's start, within that while, never was otherwise; what stays otherwise is a change like any other.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from bmc import witness
from bmc.model import MANAGER
from harness.journal.entry import Entry
from harness.journal.facts import BmcRead

WAKING_SECONDS = 120.0
"""For so long after it answers again, a BMC that started may not know its server; a lab that is faster than life wakes faster."""
PARTS = ("boot", "media", "signals")
"""The members of a reading that are made of several values."""

UNSET_CLOCKS = (0.0, datetime(2000, 1, 1, tzinfo=UTC).timestamp())
"""Where the clock of a BMC begins that has no battery and nobody set yet, in seconds since 1970."""
UNSET_SECONDS = 86_400.0
"""A clock that is no further from there was not set since the BMC started."""
POWER = ("power", "")
Told = dict[tuple[str, str], Any]


def awake(reads: list[Entry], speed: float) -> list[Entry]:
    """The same readings without what a BMC that had just started showed otherwise for a while."""
    early = asleep(reads, speed)
    found = [without(entry, POWER) if place in early else entry for place, entry in enumerate(reads)]
    for first, shown in starts(reads):
        waking = [place for place in range(first, len(reads)) if reads[place].at <= reads[shown].at + WAKING_SECONDS / speed]
        ends_so = waking[-1] == len(reads) - 1
        for value, before in known_before(reads[:first]).items():
            again = [place for place in waking if told(reads[place]).get(value) == before]
            # Of a BMC that was last read while it woke, nobody knows whether it had looked at its server.
            until = len(reads) if ends_so and value[0] != "signals" else again[-1] if again else 0
            for place in waking:
                if place < until and told(reads[place]).get(value, before) != before:
                    found[place] = without(found[place], value)
    return found


def asleep(reads: list[Entry], speed: float) -> range:
    """The places of the first readings that show the power as off, of a BMC that had started just before, and then shows it as on."""
    started = next((at for at in map(_started_at, reads) if at is not None), None)
    if started is None or not 0.0 <= reads[0].at - started + witness.TOLERANCE_SECONDS <= WAKING_SECONDS / speed:
        return range(0)
    on = next((place for place, entry in enumerate(reads) if told(entry).get(POWER) == "On"), 0)
    return range(on if reads[on].at <= reads[0].at + WAKING_SECONDS / speed else 0)


def _started_at(entry: Entry) -> float | None:
    """When the BMC itself had started, in seconds of the run, by a reading that tells it, or whose clock was never set since."""
    read = entry.fact
    clock = witness.seconds(read.bmc_time) if isinstance(read, BmcRead) else None
    if clock is None or not isinstance(read, BmcRead):
        return None
    unset = next((zero for zero in UNSET_CLOCKS if 0.0 <= clock - zero <= UNSET_SECONDS), None)
    started = witness.seconds(read.signals.get(witness.MANAGER_RESET, "")) if unset is None else unset
    return None if started is None else entry.at - (clock - started)


def starts(reads: list[Entry]) -> Iterator[tuple[int, int]]:
    """For each start of the BMC itself the places of the first reading that may be of it, and of the first that shows it.

    It tells another start, or, as one whose clock was not set yet, none any more. While it does not show its own part it may have started.
    """
    known, forgotten, first = "", False, 0
    for place, entry in enumerate(reads):
        read = entry.fact
        if not isinstance(read, BmcRead) or not read.bmc_time:
            continue
        started = read.signals.get(witness.MANAGER_RESET, "")
        again = bool(started) and witness.moved(witness.MANAGER_RESET, known, started)
        if known and (again or (not started and not forgotten)):
            yield first, place
        known, forgotten, first = started or known, not started, place + 1
    last = reads[-1].fact if reads else None
    if known and isinstance(last, BmcRead) and MANAGER in last.unseen:
        yield first, first


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
    return values if read.power is None else values | {POWER: read.power}


def without(entry: Entry, value: tuple[str, str]) -> Entry:
    """The same reading as if the BMC had not told this value."""
    part, name = value
    read = entry.fact
    assert isinstance(read, BmcRead)  # noqa: S101 - only readings tell values
    left = None if part == "power" else {other: it for other, it in getattr(read, part).items() if other != name}
    return Entry(entry.seq, entry.since, entry.at, msgspec.structs.replace(read, **{part: left}))
