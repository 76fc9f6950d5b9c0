"""Wall-clock time of what a run tells in its own seconds: for people, who lay it beside other logs; never an order."""

from datetime import UTC, datetime, timedelta

from harness.journal.facts import RunBegan


def wall_time(run: RunBegan | None, seconds: float) -> datetime | None:
    """The UTC time of this second of a run; None where its begin was not told."""
    try:
        began = datetime.fromisoformat(run.started) if run else None
        offset = timedelta(seconds=seconds + (run.started_fraction if run else 0.0))
        return (began if began.tzinfo else began.replace(tzinfo=UTC)) + offset if began else None
    except (ValueError, OverflowError):
        return None


def told_wall_time(run: RunBegan | None, seconds: float) -> str:
    """The same for people, to the second: `13:12:08 UTC`; empty where it is not known."""
    at = wall_time(run, seconds)
    return f"{at.astimezone(UTC):%H:%M:%S} UTC" if at else ""


def with_wall_time(run: RunBegan | None, seconds: float) -> str:
    """Both, where the wall-clock time is known: `13:12:08 UTC (5.0 s)`."""
    told = told_wall_time(run, seconds)
    return f"{told} ({seconds:.1f} s)" if told else f"{seconds:.1f} s"
