"""What became of one signal between two readings: nothing, a reset, or something that leaves it worthless as a proof.

Readings are compared with tolerance against the BMC's own clock. A clock that jumps must not look like a reset, and a signal that a
restarted BMC forgot, or that a clock put back could have written a second time, must not pass for an unchanged one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from bmc.witness.family import instant

Fate = Literal["unchanged", "reset", "lost"]

TOLERANCE_SECONDS = 2.0
"""BMCs write times to the second; one that counts back from its uptime is a second off now and then."""


@dataclass(frozen=True)
class Sample:
    """A signal's value, the BMC's own clock beside it (as it writes it, may be empty), and when it was read, in our seconds."""

    value: str
    bmc_time: str
    at: float


def clock_jump(before: Sample, after: Sample) -> float:
    """By how many seconds the BMC's clock went on more than ours did; 0 where it does not tell the time."""
    times = _seconds(before.bmc_time), _seconds(after.bmc_time)
    if times[0] is None or times[1] is None:
        return 0.0
    return times[1] - times[0] - (after.at - before.at)


def of_time_counter(before: Sample, after: Sample) -> Fate:
    """A counter of seconds since power came: it grows, and only its fall is a reset.

    One that a BMC reckons by a clock falls as far as the clock was put back.
    """
    grown = int(after.value) - int(before.value)
    if grown >= 0:
        return "unchanged"
    jump = clock_jump(before, after)
    put_back = abs(grown - (after.at - before.at) - jump) <= TOLERANCE_SECONDS
    return "lost" if put_back and jump < -TOLERANCE_SECONDS else "reset"


def of_reset_counter(before: Sample, after: Sample) -> Fate:
    """A counter of resets: one that fell was begun anew by its BMC, and tells of no reset, nor of none."""
    grown = int(after.value) - int(before.value)
    if grown < 0:
        return "lost"
    return "reset" if grown else "unchanged"


def of_timestamp(before: Sample, after: Sample) -> Fate:
    """The time of the last reset.

    As long as the BMC's clock stayed later than the time that was there, no reset can have written about the same time again. A time that
    moved exactly as far as the clock did moved with it.
    """
    old, new = _seconds(before.value), _seconds(after.value)
    if old is None or new is None:
        return "unchanged" if before.value == after.value else "reset"
    if abs(new - old) <= TOLERANCE_SECONDS:
        earliest = _earliest(before, after)
        if earliest is None or old + TOLERANCE_SECONDS < earliest:
            return "unchanged" if earliest is not None or new == old else "reset"
        return "lost" if new == old else "reset"
    jump = clock_jump(before, after)
    return "lost" if abs(jump) > 2 * TOLERANCE_SECONDS and abs(new - old - jump) <= TOLERANCE_SECONDS else "reset"


def _earliest(before: Sample, after: Sample) -> float | None:
    """The earliest that the BMC's clock can have shown between the readings (had it jumped once); None where that cannot be told."""
    times = _seconds(before.bmc_time), _seconds(after.bmc_time)
    if times[0] is None or times[1] is None or _has_zone(before.value) != _has_zone(before.bmc_time):
        return None
    return min(times[0], times[1] - (after.at - before.at))


def _has_zone(text: str) -> bool:
    when = instant(text)
    return isinstance(when, datetime) and when.tzinfo is not None


def _seconds(text: str) -> float | None:
    """A timestamp in seconds since 1970; one without a zone is taken for UTC. None for any other text."""
    when = instant(text)
    if not isinstance(when, datetime):
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
