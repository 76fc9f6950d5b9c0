"""What the watchers of both protocols share: a connection that is closed with them, and from where it calls."""

from types import TracebackType
from typing import Protocol, Self


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
