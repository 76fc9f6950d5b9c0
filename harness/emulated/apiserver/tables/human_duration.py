"""How long something took, or is ago, as kubectl tells it."""

from dataclasses import dataclass
from datetime import datetime

MINUTE, HOUR, DAY, YEAR = 60, 3600, 86400, 365 * 86400
_SPANS = (
    (2 * MINUTE, 1, "s", 0, ""), (10 * MINUTE, MINUTE, "m", 1, "s"), (3 * HOUR, MINUTE, "m", 0, ""), (8 * HOUR, HOUR, "h", MINUTE, "m"),
    (2 * DAY, HOUR, "h", 0, ""), (8 * DAY, DAY, "d", HOUR, "h"), (2 * YEAR, DAY, "d", 0, ""), (8 * YEAR, YEAR, "y", DAY, "d"),
)  # fmt: skip
"""Up to which age: its unit, and the smaller one that is told beside it."""


@dataclass(frozen=True)
class HumanDuration:
    """A cell with the time since a moment."""

    since: str | None

    def told(self, now: datetime) -> str:
        """The span until `now`; a cell says so where there is no such moment."""
        if not self.since:
            return "<unknown>"
        try:
            return span((now - datetime.fromisoformat(self.since)).total_seconds())
        except (TypeError, ValueError):
            return "<invalid>"


def span(seconds: float) -> str:
    """A span in one or two units."""
    whole = max(int(seconds), 0)
    for limit, size, unit, smaller, smaller_unit in _SPANS:
        if whole < limit:
            rest = whole % size // smaller if smaller else 0
            return f"{whole // size}{unit}" + (f"{rest}{smaller_unit}" if rest else "")
    return f"{whole // YEAR}y"
