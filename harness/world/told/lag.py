"""How much of a time an embedded lab could use: what must happen within a time of life has longer where the lab fell behind."""

from bisect import bisect_right

from harness.journal.entry import Entry
from harness.journal.facts import LabLagged


class Lag:
    """What a lab told of falling behind; one that tells nothing keeps pace."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self._spans: list[tuple[float, float, float]] = []
        """Begin, end, and the part of the time between that was lost; they follow one another."""
        self._lost_before: list[float] = []

    def add(self, entry: Entry, fact: LabLagged) -> None:
        """Fold one entry."""
        since = max(entry.since, self._spans[-1][1] if self._spans else 0.0)
        if entry.at <= since:
            return
        lost = min(max(fact.lost_seconds, 0.0), entry.at - since)
        before = self.lost_until(since)
        self._spans.append((since, entry.at, lost / (entry.at - since)))
        self._lost_before.append(before)

    def lost_until(self, at: float) -> float:
        """How many seconds were lost from the beginning to a time."""
        place = bisect_right(self._spans, at, key=lambda span: span[0]) - 1
        if place < 0:
            return 0.0
        since, until, share = self._spans[place]
        return self._lost_before[place] + (min(at, until) - since) * share

    def kept(self, since: float, until: float) -> float:
        """How many seconds between two times the lab could use; negative where they are the other way round."""
        return until - since - (self.lost_until(until) - self.lost_until(since))
