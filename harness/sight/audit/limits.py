"""What is taken of an audit log, and how often it is looked at."""

import msgspec


class AuditLimits(msgspec.Struct, frozen=True):
    """Sizes in bytes, times in seconds."""

    poll_seconds: float = 0.1
    """How often the file is looked at; a line is dated by the server, so this only delays it."""
    look_bytes: int = 8 * 1024 * 1024
    """So much is read of the file in one look; what is left is read in the next."""
    line_bytes: int = 4 * 1024 * 1024
    """A longer line is skipped: an event at level RequestResponse holds an object twice."""
    told_lines: int = 20
    """How many lines that are none are told by name; the rest is counted."""
    post_bytes: int = 32 * 1024 * 1024
    """A webhook's batch is 10 MiB by default."""
    post_seconds: float = 30.0
    shutdown_seconds: float = 1.0
