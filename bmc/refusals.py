"""A limit on refused logins per BMC and credentials, so that we never lock a user out.

Counted for the whole process: sights, events, probes and steps together.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from bmc.errors import BmcError
from bmc.model import Credentials


@dataclass(frozen=True, kw_only=True)
class TrialLimits:
    """How often credentials are shown to a BMC that refuses them."""

    refusals_max: int = 3
    """In a row; many BMCs lock a user out after five."""
    rest_seconds: float = 60.0
    """After this time credentials that worked before are tried once more: a BMC that is starting refuses everybody for a while."""


_refused: Counter[bytes] = Counter()
_refused_at: dict[bytes, float] = {}
_accepted: set[bytes] = set()
_once_accepted: set[bytes] = set()
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[bytes, asyncio.Lock]] = WeakKeyDictionary()


class Trial:
    """One use of credentials at a BMC (`service`: its address).

    Report the result with `accepted` or `refused`, if there is one.
    """

    def __init__(self, service: str, credentials: Credentials, limits: TrialLimits | None = None) -> None:
        self._limits = limits or TrialLimits()
        parts = (service, credentials.username, credentials.password)
        self._key = hashlib.sha256("\0".join(parts).encode()).digest()

    def check(self) -> None:
        """Raises BmcError if the credentials were refused too often in a row."""
        if _refused[self._key] >= self._limits.refusals_max and not self._may_be_shown_once_more():
            times = self._limits.refusals_max
            says = f"the BMC refused these credentials {times} times; they are not tried again, lest the user be locked out"
            raise BmcError(kind="auth", blame="us", says=says)

    def _may_be_shown_once_more(self) -> bool:
        rested = asyncio.get_running_loop().time() - _refused_at[self._key] >= self._limits.rest_seconds
        return _refused[self._key] == self._limits.refusals_max and self._key in _once_accepted and rested

    def refused(self) -> None:
        """The BMC did not accept them."""
        _refused[self._key] += 1
        _refused_at[self._key] = asyncio.get_running_loop().time()
        _accepted.discard(self._key)

    def accepted(self) -> None:
        """The BMC accepted them: reset the count."""
        _refused.pop(self._key, None)
        _accepted.add(self._key)
        _once_accepted.add(self._key)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Serialise logins until one has been accepted, so that concurrent callers cannot exceed the limit together."""
        if self._key in _accepted:
            self.check()
            yield
            return
        turns = _turns.setdefault(asyncio.get_running_loop(), {})
        async with turns.setdefault(self._key, asyncio.Lock()):
            self.check()
            yield
