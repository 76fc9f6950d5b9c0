"""How long to wait before asking an API server again."""

import random

import msgspec


class KubeSightLimits(msgspec.Struct, frozen=True):
    """Every wait of a sight on an API server, in seconds."""

    answer_seconds: float = 30.0
    """For a page of a list, or the beginning of a watch."""
    grace_seconds: float = 1.0
    """A watch resumed within this time after a cut was not lost; a new watch quiet for this long counts as established."""
    idle_seconds: float = 130.0
    """A watch without data for this long is dead: servers send a bookmark every minute, and may skip one."""
    watch_seconds: tuple[int, int] = (300, 600)
    """The least and the most that one watch is asked to last; random between, so that not all end at once."""
    absent_seconds: float = 2.0
    """Between two looks for a kind that is not served."""
    pulse_seconds: float = 0.5
    """Interval of polling the cluster's revision while nothing happens."""
    quick_pulse_seconds: float = 0.1
    """The same, while things happen."""
    backoff_seconds: float = 0.2
    """The second consecutive wait; the first is 0, and each further one is twice as long."""
    backoff_limit_seconds: float = 5.0
    retry_after_limit_seconds: float = 60.0
    """Servers that ask for a longer wait are asked again after so long."""
    page_items: int = 500
    """Items of a page; the one limit here that is no time."""


class Backoff:
    """Waits that grow until `reset`, with jitter, so that many watches do not come back as one."""

    def __init__(self, limits: KubeSightLimits) -> None:
        self._limits = limits
        self._random = random.SystemRandom()
        self._tries = 0

    def reset(self) -> None:
        """Start over after progress."""
        self._tries = 0

    def next_seconds(self, retry_after_seconds: float = 0.0) -> float:
        """How long to wait now; not less than the server asked for, up to `retry_after_limit_seconds`."""
        self._tries += 1
        asked = min(retry_after_seconds, self._limits.retry_after_limit_seconds)
        if self._tries == 1:
            return asked
        grown = min(self._limits.backoff_seconds * 2.0 ** min(self._tries - 2, 30), self._limits.backoff_limit_seconds)
        return max(asked, grown * self._random.uniform(0.5, 1.0))
