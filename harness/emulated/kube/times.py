"""Times as the Kubernetes API writes them."""

from datetime import UTC, datetime


def timestamp(moment: datetime | None = None) -> str:
    """An API time (RFC 3339, UTC, whole seconds); now by default."""
    return (moment or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
