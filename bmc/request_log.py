"""What a BMC remembers of the requests that were made to it."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

CAPACITY = 20_000


@dataclass(frozen=True, kw_only=True)
class LoggedRequest:
    """One request: who asked (`address`, `user_agent`, `user`), what, and the HTTP status of the answer.

    `id` counts from 1 without a gap until the log is cleared; `body` has its passwords masked already.
    """

    id: int
    created: datetime
    address: str
    user_agent: str
    user: str
    method: str
    path: str
    status: int
    body: str


class RequestLog:
    """The newest `capacity` requests, oldest first. A cleared log counts from 1 again, as a restarted BMC does."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._entries: deque[LoggedRequest] = deque(maxlen=capacity)
        self._next_id = 1

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(self._entries)

    @property
    def next_id(self) -> int:
        """The id that the next request will get."""
        return self._next_id

    def append(self, entry: LoggedRequest) -> None:
        """Remember one request; its id must be `next_id`."""
        if entry.id != self._next_id:
            raise ValueError(f"request {entry.id} cannot follow request {self._next_id - 1}")
        self._entries.append(entry)
        self._next_id += 1

    def window(self, skip: int, top: int) -> list[LoggedRequest]:
        """At most `top` entries after the first `skip` of those still remembered."""
        return list(islice(self._entries, skip, skip + top))

    def find(self, entry_id: int) -> LoggedRequest | None:
        """The entry of that id, if it is still remembered."""
        position = entry_id - (self._next_id - len(self._entries))
        return self._entries[position] if 0 <= position < len(self._entries) else None

    def clear(self) -> None:
        """Forget everything; the next request is number 1."""
        self._entries.clear()
        self._next_id = 1
