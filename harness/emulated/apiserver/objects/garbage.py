"""What deletion brings with it: dependants of gone owners, contents of namespaces, instances of definitions.

One task acts as garbage collector and namespace controller: it listens to every change, and processes its consequences later, in
order.
"""

import asyncio
from collections import deque
from collections.abc import Container

from harness.emulated.apiserver.custom.definitions import CLEANUP
from harness.emulated.apiserver.kinds.errors import ApiError
from harness.emulated.apiserver.kinds.registry import DEFINITIONS, NAMESPACES, Json, ServedResource, TableName
from harness.emulated.apiserver.objects.writes import ObjectWriter, Writing
from harness.emulated.apiserver.store.deleting import FOREGROUND, ORPHAN, Deletion
from harness.emulated.apiserver.store.namespaces import terminating_conditions
from harness.emulated.apiserver.store.store import Stored, StoreEvent, StoreKey
from harness.emulated.apiserver.wire.bodies import RequestBody

MANAGER = "kube-controller-manager"


class Collector:
    """Hears the store and deletes what has to follow."""

    def __init__(self, objects: ObjectWriter) -> None:
        self._objects, self._store, self._registry = objects, objects.store, objects.registry
        self._queue: deque[tuple[TableName, StoreKey]] = deque()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._store.listen(self._hear)

    def start(self) -> None:
        """Begin to collect."""
        self._task = asyncio.create_task(self._run(), name="garbage collector")

    async def stop(self) -> None:
        """End; what is not collected stays. Raises what ended the collector before its time."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            if not self._task.cancelled():
                self._task.result()
            self._task = None

    def _hear(self, change: StoreEvent) -> None:
        gone, after = change.type == "DELETED", change.after
        if not gone and (after.deleting or after.owners):
            self._put(change.table, after.key)
        if gone or after.deleting:
            for table, key in self._store.dependents(after.uid):
                self._put(table, key)
        if gone:
            self._put_holders(change)

    def _put_holders(self, change: StoreEvent) -> None:
        """A namespace, a definition or an owner deleted in the foreground may be waiting for this."""
        namespace = change.after.key[0]
        if namespace:
            self._put(NAMESPACES.table, ("", namespace))
        group, plural = change.table
        if "." in group:
            self._put(DEFINITIONS.table, ("", f"{plural}.{group}"))
        for owner in change.after.read()["metadata"].get("ownerReferences") or () if change.after.owners else ():
            resource = self._registry.of_kind(owner.get("apiVersion", ""), owner.get("kind", ""))
            if resource:
                self._put(resource.table, (namespace if resource.namespaced else "", owner.get("name", "")))

    def _put(self, table: TableName, key: StoreKey) -> None:
        self._queue.append((table, key))
        self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                self._settle(*self._queue.popleft())
                await asyncio.sleep(0)

    def _settle(self, table: TableName, key: StoreKey) -> None:
        stored, resource = self._store.get(table, key), self._registry.of_table(table)
        if stored is None or resource is None:
            return
        if stored.deleting:
            self._settle_deleting(resource, stored)
        elif stored.owners:
            self._settle_dependent(resource, stored)

    def _settle_dependent(self, resource: ServedResource, stored: Stored) -> None:
        """Delete an object whose owners are all gone; drop references to those that are gone from others."""
        owners = stored.read()["metadata"]["ownerReferences"]
        absent = {owner.get("uid") for owner in owners if not self._holds(stored, owner)}
        if absent == {owner.get("uid") for owner in owners}:
            finalizers = stored.read()["metadata"].get("finalizers") or ()
            policy = "Orphan" if ORPHAN in finalizers else "Foreground" if FOREGROUND in finalizers else "Background"
            self._objects.delete(resource, stored.key, Deletion(uid=stored.uid, policy=policy))
        elif absent:
            self._objects.update(resource, stored.key, lambda live: RequestBody(_without_owners(live, absent)), _writing())

    def _holds(self, stored: Stored, owner: Json) -> bool:
        """Does this owner keep its dependant: does it exist, or is its kind unknown here?"""
        resource = self._registry.of_kind(owner.get("apiVersion", ""), owner.get("kind", ""))
        if resource is None:
            return True
        found = self._store.get(resource.table, (stored.key[0] if resource.namespaced else "", owner.get("name", "")))
        return found is not None and found.uid == owner.get("uid") and not self._waits_for_dependents(found)

    def _waits_for_dependents(self, owner: Stored) -> bool:
        return owner.deleting and FOREGROUND in (owner.read()["metadata"].get("finalizers") or ())

    def _settle_deleting(self, resource: ServedResource, stored: Stored) -> None:
        if resource is NAMESPACES:
            self._empty_namespace(stored)
        elif resource is DEFINITIONS:
            self._empty_definition(stored)
        finalizers = stored.read()["metadata"].get("finalizers") or ()
        if ORPHAN in finalizers:
            self._orphan(stored)
            self._release(resource, stored, ORPHAN)
        elif FOREGROUND in finalizers and not self._blocking(stored):
            self._release(resource, stored, FOREGROUND)

    def _blocking(self, owner: Stored) -> bool:
        for table, key in self._store.dependents(owner.uid):
            stored = self._store.get(table, key)
            owners = stored.read()["metadata"]["ownerReferences"] if stored else ()
            if any(each.get("uid") == owner.uid and each.get("blockOwnerDeletion") for each in owners):
                return True
        return False

    def _orphan(self, owner: Stored) -> None:
        for table, key in self._store.dependents(owner.uid):
            resource = self._registry.of_table(table)
            if resource:
                self._objects.update(resource, key, lambda live: RequestBody(_without_owners(live, {owner.uid})), _writing())

    def _release(self, resource: ServedResource, stored: Stored, finalizer: str) -> None:
        if self._store.get(resource.table, stored.key) is not None:
            self._objects.update(resource, stored.key, lambda live: RequestBody(_without_finalizer(live, finalizer)), _writing())

    def _empty_namespace(self, namespace: Stored) -> None:
        name, left = namespace.key[1], 0
        for table in self._store.tables():
            resource = self._registry.of_table(table)
            if resource and resource.namespaced:
                left += self._delete_all(resource, [key for key in self._store.table(table) if key[0] == name])
        if not left:
            self._objects.finalize(name, [], _writing())
        else:
            self._tell_what_is_left(namespace)

    def _tell_what_is_left(self, namespace: Stored) -> None:
        """Say in the status of a namespace what it is waiting for."""
        name = namespace.key[1]
        tables = ((self._registry.of_table(table), self._store.table(table)) for table in self._store.tables())
        left = [(resource, [each for key, each in table.items() if key[0] == name]) for resource, table in tables if resource]
        conditions = terminating_conditions([(resource, found) for resource, found in left if found], self._objects.now())
        live = namespace.read()["status"].get("conditions") or ()
        if [each["message"] for each in live] != [each["message"] for each in conditions]:
            self._objects.update(
                NAMESPACES, namespace.key, lambda live: RequestBody(_with_conditions(live, conditions)), _writing(), "status"
            )

    def _empty_definition(self, definition: Stored) -> None:
        spec = definition.read()["spec"]
        resource = self._registry.of_table((spec["group"], spec["names"]["plural"]))
        if resource is None or not self._delete_all(resource, list(self._store.table(resource.table))):
            self._release(DEFINITIONS, definition, CLEANUP)

    def _delete_all(self, resource: ServedResource, keys: list[StoreKey]) -> int:
        """Delete them; how many are still there, held by finalizers."""
        left = 0
        for key in sorted(keys):
            try:
                left += not self._objects.delete(resource, key, Deletion())[1]
            except ApiError:
                continue
        return left


def _writing() -> Writing:
    return Writing(manager=MANAGER, operation="Patch")


def _with_conditions(live: Json, conditions: list[Json]) -> Json:
    return live | {"status": live["status"] | {"conditions": conditions}}


def _without_owners(live: Json, uids: Container[str]) -> Json:
    live["metadata"]["ownerReferences"] = [
        owner for owner in live["metadata"].get("ownerReferences") or () if owner.get("uid") not in uids
    ]
    return live


def _without_finalizer(live: Json, finalizer: str) -> Json:
    live["metadata"]["finalizers"] = [name for name in live["metadata"].get("finalizers") or () if name != finalizer]
    return live
