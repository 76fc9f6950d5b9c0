"""The lab's pace: recorded seconds divided by the lab's speed, and the small variations of a seeded generator."""

import asyncio
import random


class Pace:
    """The lab's time scale: with `speed` 20 one recorded second lasts 50 ms."""

    def __init__(self, speed: float = 1.0, *, seed: int = 1) -> None:
        self.speed = speed
        self.random = random.Random(seed)  # noqa: S311 - variation, not a secret

    def seconds(self, recorded_seconds: float) -> float:
        """Real seconds for `recorded_seconds`."""
        return recorded_seconds / self.speed

    async def sleep(self, recorded_seconds: float) -> None:
        """Wait as long as the recorded thing took."""
        await asyncio.sleep(self.seconds(recorded_seconds))

    def jitter(self, recorded_seconds: float, fraction: float = 0.25) -> float:
        """`recorded_seconds` plus up to `fraction` of it, as BMO spreads its retries."""
        return recorded_seconds * (1 + fraction * self.random.random())
