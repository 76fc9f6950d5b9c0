"""How far a BMC's clock is from ours: tells when somebody has set it."""

from bmc import witness


class ClockOffset:
    """Tracks the offset of a BMC's clock from ours, and its range so far.

    Each report widens the accepted offset, so a stopped, drifting or minute-resolution clock is reported a few times instead of
    at every poll.
    """

    def __init__(self, jump_seconds: float) -> None:
        self._jump_seconds = jump_seconds
        self._span: tuple[float, float] | None = None

    def is_put(self, bmc_time: str, at: float) -> bool:
        """Is the offset outside its range so far by more than the range's width (at least `jump_seconds`)?"""
        seconds = witness.seconds(bmc_time)
        if seconds is None or self._span is None:
            return False
        low, high = self._span
        return max(low - (seconds - at), (seconds - at) - high) > max(self._jump_seconds, high - low)

    def puts(self, bmc_time: str, at: float) -> bool:
        """The same, and widen the range by this offset if so."""
        seconds, put = witness.seconds(bmc_time), self.is_put(bmc_time, at)
        if seconds is not None and (put or self._span is None):
            low, high = self._span or (seconds - at, seconds - at)
            self._span = min(low, seconds - at), max(high, seconds - at)
        return put
