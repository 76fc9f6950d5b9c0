"""What the watchers of both protocols share: a connection that is closed with them, from where it calls, and how parts are read."""

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Protocol, Self, TypeVar

from bmc.errors import BmcError
from bmc.model import Reading, RequestsRead

Part = TypeVar("Part")

_NO_LINE = frozenset({"unreachable", "timeout", "dropped", "tls"})
"""Kinds of error after which the BMC is asked for nothing more in this reading: it may be going down."""


class ObserverConnection(Protocol):
    """The connection of a watcher."""

    @property
    def local_address(self) -> str:
        """Our address on it."""
        ...

    async def close(self) -> None:
        """Close it."""
        ...


class ConnectedObserver:
    """A watcher with one connection, also as a context manager."""

    def __init__(self, connection: ObserverConnection) -> None:
        self._closing = connection

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the session and the connection."""
        await self._closing.close()

    @property
    def local_address(self) -> str:
        """Our address as the BMC sees it (if there is no NAT); empty before the first connection."""
        return self._closing.local_address


class ReadingParts:
    """The optional parts of one reading: each is read by itself, and what one of them lacks is told beside the others.

    `unseen`: the parts that could not be read -> what was said instead.
    """

    def __init__(self) -> None:
        self.unseen: dict[str, str] = {}
        self._broke_off: BmcError | None = None

    async def read(self, name: str, read: Callable[[], Awaitable[Part]], *, absent: Part) -> Part:
        """The part; `absent` where it cannot be read now."""
        if self._broke_off is not None:
            self.unseen[name] = f"not asked for, after this: {self._broke_off.says}"
            return absent
        try:
            return await read()
        except BmcError as error:
            self.unseen[name] = error.says
            if error.kind in _NO_LINE:
                self._broke_off = error
            return absent


class BmcObserver(Protocol):
    """What watches one BMC, over whichever protocol; every method may raise BmcError."""

    @property
    def local_address(self) -> str:
        """Where the BMC sees us call from; empty before the first connection."""
        ...

    async def read(self) -> Reading:
        """One reading."""
        ...

    async def begin_requests(self) -> bool:
        """Take the present end of the log of requests as its beginning; False where there is no such log."""
        ...

    async def read_requests(self) -> RequestsRead:
        """Entries added to the log since the last read."""
        ...

    async def close(self) -> None:
        """Close the connection."""
        ...
