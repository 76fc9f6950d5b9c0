"""The recorder's wall clock, as its lines say it."""

from datetime import UTC, datetime


def now() -> str:
    """Now, in UTC, as RFC 3339 with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
