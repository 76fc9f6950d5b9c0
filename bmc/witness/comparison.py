"""Classifies one signal between two readings: unchanged, a reset, or no longer usable as evidence.

Values are compared with tolerance, using the BMC's own clock. A clock jump must not look like a reset. A signal that a restarted
BMC lost, or that a clock set back could have repeated, must not count as unchanged. A value that no reset between the readings
can have written is no proof of one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from bmc.witness.family import instant

Fate = Literal["unchanged", "reset", "lost", "open"]
"""`lost`: it changed, or stayed, in a way that proves nothing.

`open`: it changed, and only a reading with the BMC's clock can decide.
"""

TOLERANCE_SECONDS = 2.0
"""BMCs write timestamps in whole seconds; one computed from the uptime is sometimes a second off."""
DRIFT = 0.001
"""Greatest plausible clock drift, as a fraction of elapsed time; a larger offset means that the clock was set."""
READING_SECONDS = 30.0
"""On a slow BMC the other values may be read this long before or after its clock."""


@dataclass(frozen=True)
class Sample:
    """A signal's value, the BMC's own clock beside it (as it writes it, may be empty), and when it was read, in our seconds.

    `again_at`: when the same value was last read without the clock; 0 where it was not.
    """

    value: str
    bmc_time: str
    at: float
    again_at: float = 0.0


def clock_jump(before: Sample, after: Sample) -> float:
    """Seconds by which the BMC's clock advanced more than ours; 0 if the BMC gives no time."""
    times = seconds(before.bmc_time), seconds(after.bmc_time)
    if times[0] is None or times[1] is None:
        return 0.0
    return times[1] - times[0] - (after.at - before.at)


def of_time_counter(before: Sample, after: Sample) -> Fate:
    """A counter of seconds since power-on: it grows with time; if it fell or lags, a reset restarted it.

    Exception: a value larger than the elapsed time cannot come from a reset. A counter derived from the clock drops by the amount
    the clock was set back.
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
    """A counter of resets: if it fell, the BMC restarted it, and it neither proves nor disproves a reset."""
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
        # Clocks are set by other spans than just the one that puts the old time between two looks.
        return "reset" if _is_of_between(before, after, new) else "open"
    return _of_moved_time(before, after, old, new)


def _is_of_between(before: Sample, after: Sample, new: float) -> bool:
    """Does it lie between the last look at the old value and this one, if the clock that is not told now went on as it did?"""
    now = seconds(before.bmc_time)
    if now is None or _has_zone(before.value) != _has_zone(before.bmc_time):
        return False
    span = now + max(before.again_at - before.at, 0.0), now + after.at - before.at
    return _within(new, span, TOLERANCE_SECONDS + DRIFT * (after.at - before.at))


def _of_same_time(before: Sample, after: Sample, old: float, new: float) -> Fate:
    """Unchanged, unless the BMC's clock showed that same time between the readings: a reset could have rewritten it."""
    shown = _shown(before, after)
    if not shown:
        return "unchanged" if new == old else "lost"
    return "lost" if any(_within(old, each, TOLERANCE_SECONDS) for each in shown) else "unchanged"


def _of_moved_time(before: Sample, after: Sample, old: float, new: float) -> Fate:
    """A reset, unless the clock was set and the value shifted with it, or no reset in between can have written it."""
    jump, shown = clock_jump(before, after), _shown(before, after)
    drift = TOLERANCE_SECONDS + DRIFT * (after.at - before.at)
    dated = any(_within(new, each, READING_SECONDS) for each in shown)
    if shown and not before.bmc_time:
        return "reset" if dated else "lost"
    if not shown or abs(jump) <= drift:
        # No reset dates itself before the one before it, if not to a time since then: a BMC that came back repeats an old one.
        return "lost" if shown and new < old and not dated else "reset"
    if abs(new - old - jump) <= drift:
        return "lost"
    return "reset" if dated else "lost"


def _shown(before: Sample, after: Sample) -> list[tuple[float, float]]:
    """The ranges of time that the BMC's clock showed between the readings, assuming one jump; empty if unknown.

    A clock that was not told before showed what it shows now, if it was not set.
    """
    times = seconds(before.bmc_time), seconds(after.bmc_time)
    if times[1] is None or _has_zone(before.value) != _has_zone(after.bmc_time):
        return []
    elapsed = after.at - before.at
    spans = [(times[1] - elapsed, times[1])]
    return spans if times[0] is None else [(times[0], times[0] + elapsed), *spans]


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
