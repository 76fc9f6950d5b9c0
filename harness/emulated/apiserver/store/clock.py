"""The clock that an API server is handed: every time that it tells, and every age, is of this clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Gives this moment, with its time zone."""


def system_clock() -> datetime:
    """This moment by the machine's own clock."""
    return datetime.now(UTC)


def timestamp(moment: datetime, later_seconds: int = 0) -> str:
    """A moment, or one later, as metadata tells it: RFC 3339 in UTC, to the second."""
    return (moment + timedelta(seconds=later_seconds)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
