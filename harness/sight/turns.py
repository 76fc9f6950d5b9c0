"""Whose turn it is to look: many that are watched by one harness are looked at evenly, and not too many a second.

An observer must not disturb what it measures. A hundred BMCs that are each asked every fifth of a second would keep a whole
processor busy, here and in an embedded lab; so all of them together get so many looks a second, one after the other.
"""

import asyncio


class Turns:
    """Hands out turns at most `each_second` a second, in the order in which they were asked for."""

    def __init__(self, each_second: float) -> None:
        """No turn was taken yet."""
        self._spacing_seconds = 1 / each_second
        self._next = 0.0

    async def take(self, share: float = 1.0) -> None:
        """Wait for the next turn; at once where nobody looked for a while. A smaller share of a turn is over sooner."""
        clock = asyncio.get_running_loop().time
        turn = max(self._next, clock())
        self._next = turn + self._spacing_seconds * share
        if turn > clock():
            await asyncio.sleep(turn - clock())
