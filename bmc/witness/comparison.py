"""What became of one signal between two readings: nothing, a reset, or something that leaves it worthless as a proof.

Readings are compared with tolerance against the BMC's own clock. A clock that jumps must not look like a reset, and a signal that a
restarted BMC forgot, or that a clock put back could have written a second time, must not pass for an unchanged one. What a reset
between the readings cannot have written is no proof of one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from bmc.witness.family import instant

Fate = Literal["unchanged", "reset", "lost", "open"]
"""`lost`: it moved, or stayed, in a way that proves nothing any more. `open`: it moved, and only a reading with the clock can tell."""

TOLERANCE_SECONDS = 2.0
"""BMCs write times to the second; one that counts back from its uptime is a second off now and then."""
DRIFT = 0.001
"""No clock runs off by a greater share of the time; what is further off has been put."""
READING_SECONDS = 30.0
"""So long before or after its clock the rest of a reading may have been taken, from a slow BMC."""


@dataclass(frozen=True)
class Sample:
    """A signal's value, the BMC's own clock beside it (as it writes it, may be empty), and when it was read, in our seconds."""

    value: str
    bmc_time: str
    at: float


def clock_jump(before: Sample, after: Sample) -> float:
    """By how many seconds the BMC's clock went on more than ours did; 0 where it does not tell the time."""
    times = seconds(before.bmc_time), seconds(after.bmc_time)
    if times[0] is None or times[1] is None:
        return 0.0
    return times[1] - times[0] - (after.at - before.at)


def of_time_counter(before: Sample, after: Sample) -> Fate:
    """A counter of seconds since power came: it grows as time goes by; one that fell, or lags behind, was begun anew by a reset.

    Unless it still tells of more seconds than went by since. One that a BMC reckons by a clock falls as far as the clock was put back.
    """
    elapsed, grown, jump = after.at - before.at, int(after.value) - int(before.value), clock_jump(before, after)
    lag = elapsed + min(jump, 0.0) - grown
    if grown >= 0 and lag <= READING_SECONDS + DRIFT * elapsed:
        return "unchanged"
    begun_anew = int(after.value) <= elapsed + max(jump, 0.0) + READING_SECONDS
    put_back = jump < -TOLERANCE_SECONDS and abs(lag) <= TOLERANCE_SECONDS + DRIFT * elapsed
    if not begun_anew or put_back:
        return "unchanged" if grown >= 0 else "lost"
    return "open" if before.bmc_time and not after.bmc_time else "reset"


def of_reset_counter(before: Sample, after: Sample) -> Fate:
    """A counter of resets: one that fell was begun anew by its BMC, and tells of no reset, nor of none."""
    grown = int(after.value) - int(before.value)
    if grown < 0:
        return "lost"
    return "reset" if grown else "unchanged"


def of_timestamp(before: Sample, after: Sample) -> Fate:
    """The time of the last reset; any other text is compared as it is."""
    old, new = seconds(before.value), seconds(after.value)
    if old is None or new is None:
        return "unchanged" if before.value == after.value else "reset"
    if abs(new - old) <= TOLERANCE_SECONDS:
        return _of_same_time(before, after, old, new)
    if before.bmc_time and not after.bmc_time:
        return "open"
    return _of_moved_time(before, after, old, new)


def _of_same_time(before: Sample, after: Sample, old: float, new: float) -> Fate:
    """Unchanged, unless the BMC's clock showed that time between the readings, so that a reset may have written it again."""
    shown = _shown(before, after)
    if not shown:
        return "unchanged" if new == old else "lost"
    return "lost" if any(_within(old, each, TOLERANCE_SECONDS) for each in shown) else "unchanged"


def _of_moved_time(before: Sample, after: Sample, old: float, new: float) -> Fate:
    """A reset, unless the clock was put: then the time may have moved with it, or be one that no reset between can have written."""
    jump, shown = clock_jump(before, after), _shown(before, after)
    drift = TOLERANCE_SECONDS + DRIFT * (after.at - before.at)
    if not shown or abs(jump) <= drift:
        return "reset"
    if abs(new - old - jump) <= drift:
        return "lost"
    return "reset" if any(_within(new, each, READING_SECONDS) for each in shown) else "lost"


def _shown(before: Sample, after: Sample) -> list[tuple[float, float]]:
    """What the BMC's clock showed between the readings, had it jumped once: from, to; none where that cannot be told."""
    times = seconds(before.bmc_time), seconds(after.bmc_time)
    if times[0] is None or times[1] is None or _has_zone(before.value) != _has_zone(before.bmc_time):
        return []
    elapsed = after.at - before.at
    return [(times[0], times[0] + elapsed), (times[1] - elapsed, times[1])]


def _within(time: float, span: tuple[float, float], tolerance: float) -> bool:
    return span[0] - tolerance <= time <= span[1] + tolerance


def _has_zone(text: str) -> bool:
    when = instant(text)
    return isinstance(when, datetime) and when.tzinfo is not None


def seconds(text: str) -> float | None:
    """A timestamp in seconds since 1970; one without a zone is taken for UTC. None for any other text."""
    when = instant(text)
    if not isinstance(when, datetime):
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
