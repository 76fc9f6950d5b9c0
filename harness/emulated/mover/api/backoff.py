"""How often, and how patiently, a mover tries again. Everything is tried again, whatever the error was."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from harness.emulated.mover.errors import MoveError
from harness.emulated.mover.log import MoverLog

T = TypeVar("T")


@dataclass(frozen=True)
class BackoffParameters:
    """`attempts` tries; the pauses between grow from `seconds` by `factor`, each longer by up to `jitter` of itself."""

    seconds: float
    factor: float
    attempts: int
    jitter: float

    def pauses(self, chance: random.Random) -> Iterator[float]:
        """Seconds to wait after each failed attempt but the last."""
        for exponent in range(self.attempts - 1):
            yield self.seconds * self.factor**exponent * (1 + chance.random() * self.jitter)


READ = BackoffParameters(0.25, 1.5, 9, 0.1)
WRITE = BackoffParameters(0.5, 1.5, 13, 0.4)
BLOCK_MOVE = BackoffParameters(5, 1.5, 10, 0.1)


@dataclass(frozen=True)
class Retry:
    """Tries again, saying so; `speed` divides every pause."""

    log: MoverLog
    chance: random.Random
    speed: float = 1.0

    async def __call__(self, backoff: BackoffParameters, action: Callable[[], Awaitable[T]]) -> T:
        """The first answer of `action`; MoveError with the number of attempts and the last cause when none came."""
        for pause in backoff.pauses(self.chance):
            try:
                return await action()
            except MoveError as error:
                self.log.say("Retrying with backoff", ("cause", str(error)), level=5)
                await asyncio.sleep(pause / self.speed)
        try:
            return await action()
        except MoveError as error:
            raise MoveError(f"action failed after {backoff.attempts} attempts: {error}") from error
