"""A limit on refused logins per BMC and credentials, so that we never lock a user out.

Counted for the whole process: sights, events, probes and steps together.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from bmc.errors import BmcError
from bmc.model import Credentials

REFUSALS_MAX = 3
REST_SECONDS = 60.0
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

    def __init__(self, service: str, credentials: Credentials) -> None:
        parts = (service, credentials.username, credentials.password)
        self._key = hashlib.sha256("\0".join(parts).encode()).digest()

    def check(self) -> None:
        """Raises BmcError if the credentials were refused too often in a row."""
        if _refused[self._key] >= REFUSALS_MAX and not self._may_be_shown_once_more():
            says = (
                f"the BMC refused these credentials {REFUSALS_MAX} times; they are not tried again, lest the user be locked out"
            )
            raise BmcError(kind="auth", blame="us", says=says)

    def _may_be_shown_once_more(self) -> bool:
        rested = asyncio.get_running_loop().time() - _refused_at[self._key] >= REST_SECONDS
        return _refused[self._key] == REFUSALS_MAX and self._key in _once_accepted and rested

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
