"""Time on paper: a scale that keeps what happened readable, by shortening long stretches in which nothing did."""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

LONGEST_STRETCH_PART = 1 / 18
"""A quiet stretch takes at most this part of the busy time on paper."""

TICK_SECONDS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400)


class Break(NamedTuple):
    """A shortened stretch: where it stands on paper, and how many seconds it hides."""

    x: float
    seconds: float


class Axis:
    """Seconds -> position between `left` and `right`. `times` are those at which something happened."""

    def __init__(self, times: Iterable[float], left: float, right: float) -> None:
        points = sorted({round(time, 3) for time in times})
        if len(points) < 2:
            points = [*(points or [0.0]), (points or [0.0])[0] + 1.0]
        gaps = [after - before for before, after in pairwise(points)]
        longest = _longest(gaps)
        widths = [min(gap, longest) for gap in gaps]
        scale = (right - left) / sum(widths)
        self.points = points
        self.places = [left]
        for width in widths:
            self.places.append(self.places[-1] + width * scale)
        shortened = [(place, gap) for place, gap, width in zip(self.places, gaps, widths, strict=False) if gap > width * 1.01]
        self.breaks = [Break(place + longest * scale / 2, gap) for place, gap in shortened]
        self._seconds_a_unit = 1 / scale

    def x(self, time: float) -> float:
        """Where this time stands on paper; times outside are held at the edges."""
        index = min(max(bisect_right(self.points, time) - 1, 0), len(self.points) - 2)
        before, after = self.points[index], self.points[index + 1]
        part = min(max((time - before) / (after - before), 0.0), 1.0)
        return self.places[index] + part * (self.places[index + 1] - self.places[index])

    def ticks(self, apart: float) -> list[tuple[float, float]]:
        """(position, seconds) of round times, at least `apart` from each other on paper."""
        step = next((one for one in TICK_SECONDS if one / self._seconds_a_unit >= apart), TICK_SECONDS[-1])
        found: list[tuple[float, float]] = []
        number = int(self.points[0] / step)
        while (time := number * step) <= self.points[-1]:
            place = self.x(time)
            if time >= self.points[0] and (not found or place - found[-1][0] >= apart):
                found.append((place, time))
            number += 1
        return found


def _longest(gaps: list[float]) -> float:
    """The maximum length of a quiet stretch, as a fraction of the shortened total."""
    longest = max(gaps)
    for _ in range(8):
        longest = max(sum(min(gap, longest) for gap in gaps) * LONGEST_STRETCH_PART, sum(gaps) / 1000)
    return longest
