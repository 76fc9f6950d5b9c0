"""All objects of one server, as bytes, and the log of their changes under one resource version.

A stored object is immutable: every write makes a new one. The log keeps the object before and after each change, so that
the state at any version not yet compacted can be had by undoing changes from now backwards.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

from harness.emulated.apiserver.kinds.registry import Json, TableName

StoreKey = tuple[str, str]
"""(namespace, name); the namespace of a cluster-scoped object is empty."""
Type = Literal["ADDED", "MODIFIED", "DELETED"]

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of one object: its JSON, and what must be known without decoding it."""

    key: StoreKey
    uid: str
    version: int
    api_version: str
    body: bytes
    labels: dict[str, str]
    owners: tuple[str, ...]
    deleting: bool

    def read(self) -> Json:
        """A fresh copy of the object."""
        body: Json = _decode(self.body)
        return body


@dataclass(frozen=True, slots=True)
class StoreEvent:
    """One entry of the log; a deleted object's `after` bears the version of its deletion."""

    version: int
    table: TableName
    type: Type
    before: Stored | None
    after: Stored


class CompactedError(Exception):
    """The history does not reach back to the version asked for."""


Listener = Callable[[StoreEvent], None]


class Store:
    """Tables of objects, one version counter, one log, and those who listen to it."""

    def __init__(self, history_entries_max: int) -> None:
        self.version = 1
        self.compacted = 0
        self._tables: dict[TableName, dict[StoreKey, Stored]] = {}
        self._history: deque[StoreEvent] = deque()
        self._history_entries_max = history_entries_max
        self._listeners: list[Listener] = []
        self._dependents: dict[str, set[tuple[TableName, StoreKey]]] = {}

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every change from now on, in order, before the write returns; call the result to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def get(self, table: TableName, key: StoreKey) -> Stored | None:
        """The object now."""
        return self._tables.get(table, {}).get(key)

    def table(self, table: TableName) -> dict[StoreKey, Stored]:
        """All objects of a table now; not to be changed."""
        return self._tables.get(table, {})

    def tables(self) -> list[TableName]:
        """Every table that ever had an object."""
        return list(self._tables)

    def dependents(self, uid: str) -> list[tuple[TableName, StoreKey]]:
        """Whose owner references name this uid, in a settled order."""
        return sorted(self._dependents.get(uid, ()))

    def write(self, table: TableName, body: Json) -> Stored:
        """Keep this state of an object under the next version, which is written into its metadata."""
        self.version += 1
        after = freeze(body, self.version)
        before = self.get(table, after.key)
        self._tables.setdefault(table, {})[after.key] = after
        self._record(StoreEvent(self.version, table, "MODIFIED" if before else "ADDED", before, after))
        return after

    def remove(self, table: TableName, body: Json) -> Stored:
        """Remove the object; `body` is its last state, which watchers are given with the version of the deletion."""
        self.version += 1
        after = freeze(body, self.version)
        before = self._tables[table].pop(after.key)
        self._record(StoreEvent(self.version, table, "DELETED", before, after))
        return after

    def restate(self, table: TableName, form: Callable[[Json], Json]) -> None:
        """Read every object of a table in another form from now on, under its old version: nothing has changed it."""
        for key, stored in self.table(table).items():
            body = stored.read()
            if (formed := form(body)) != body:
                self._tables[table][key] = freeze(formed, stored.version)

    def at(self, table: TableName, version: int) -> dict[StoreKey, Stored]:
        """The table as it was at a version; raises CompactedError when the log no longer reaches there."""
        if version >= self.version:
            return self.table(table)
        self.check_reach(version)
        objects = dict(self.table(table))
        for change in reversed(self._history):
            if change.version <= version:
                break
            if change.table == table:
                _undo(objects, change)
        return objects

    def check_reach(self, version: int) -> None:
        """Raises CompactedError when changes after this version are no longer all there."""
        if version < self.compacted:
            raise CompactedError

    def changes(self, table: TableName, since: int) -> list[StoreEvent]:
        """Changes of a table after a version, oldest first; raises CompactedError."""
        self.check_reach(since)
        return [change for change in self._newest_first(since) if change.table == table][::-1]

    def _newest_first(self, since: int) -> Iterator[StoreEvent]:
        for change in reversed(self._history):
            if change.version <= since:
                return
            yield change

    def _record(self, change: StoreEvent) -> None:
        self._reindex(change)
        self._history.append(change)
        if len(self._history) > self._history_entries_max:
            self.compacted = self._history.popleft().version
        for listener in tuple(self._listeners):
            listener(change)

    def _reindex(self, change: StoreEvent) -> None:
        place = (change.table, change.after.key)
        for uid in change.before.owners if change.before else ():
            self._dependents[uid].discard(place)
        for uid in change.after.owners if change.type != "DELETED" else ():
            self._dependents.setdefault(uid, set()).add(place)


def freeze(body: Json, version: int) -> Stored:
    """Stamp the version into the object's metadata and make its bytes; version 0 is that of an object not kept."""
    metadata = body["metadata"]
    if version:
        metadata["resourceVersion"] = str(version)
    return Stored(
        key=(metadata.get("namespace", ""), metadata["name"]),
        uid=metadata.get("uid", ""),
        version=version,
        api_version=body["apiVersion"],
        body=_encode(body),
        labels=dict(metadata.get("labels") or {}),
        owners=tuple(owner["uid"] for owner in metadata.get("ownerReferences") or () if owner.get("uid")),
        deleting="deletionTimestamp" in metadata,
    )


def _undo(objects: dict[StoreKey, Stored], change: StoreEvent) -> None:
    if change.before is None:
        objects.pop(change.after.key, None)
    else:
        objects[change.after.key] = change.before
