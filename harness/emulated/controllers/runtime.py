"""What controller-runtime gives a controller: informers, a queue without doubles, back-off after errors, requeue-after."""

import asyncio
import heapq
import itertools
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

import aiohttp

from harness.emulated.controllers.informer import Informer, NamespacedName, key_of
from harness.emulated.kube.client import Client, Json, StatusError
from harness.emulated.kube.resources import ResourceMapping
from harness.emulated.plan.time_scale import Pace

BACK_OFF_SECONDS = 0.005
BACK_OFF_LIMIT_SECONDS = 1000.0

Reconcile = Callable[[NamespacedName], Awaitable[float | None]]
"""Brings one object forward; returns recorded seconds after which to look again, or None."""

log = logging.getLogger(__name__)


class RetryError(Exception):
    """A reconcile could not go on; the queue tries again with growing pauses. The text says why."""


EXPECTED = (StatusError, RetryError, aiohttp.ClientError, TimeoutError, OSError)


class Queue:
    """Keys to be reconciled: each at most once, never two at a time, some only after a while.

    `interval_seconds` (recorded ones) must pass between two beginnings of the same key.
    """

    def __init__(self, pace: Pace, interval_seconds: float = 0.0) -> None:
        self._pace = pace
        self._interval_seconds = pace.seconds(interval_seconds) if interval_seconds else 0.0
        self._next: dict[NamespacedName, float] = {}
        self._ready: dict[NamespacedName, None] = {}
        self._busy: set[NamespacedName] = set()
        self._again: set[NamespacedName] = set()
        self._later: list[tuple[float, int, NamespacedName]] = []
        self._due: dict[NamespacedName, float] = {}
        self._count = itertools.count()
        self._failures: dict[NamespacedName, int] = {}
        self._changed = asyncio.Event()

    def add(self, key: NamespacedName) -> None:
        """Reconcile `key` as soon as a worker is free, and its interval is over."""
        if key in self._busy:
            self._again.add(key)
        elif self._next.get(key, 0.0) > asyncio.get_running_loop().time():
            self._add_at(key, self._next[key])
        else:
            self._ready[key] = None
            self._changed.set()

    def add_after(self, key: NamespacedName, recorded_seconds: float) -> None:
        """Reconcile `key` after that time; an earlier date stands."""
        self._add_at(key, asyncio.get_running_loop().time() + self._pace.seconds(recorded_seconds))

    def _add_at(self, key: NamespacedName, due: float) -> None:
        if self._due.get(key, due) < due:
            return
        self._due[key] = due
        heapq.heappush(self._later, (due, next(self._count), key))
        self._changed.set()

    def fail(self, key: NamespacedName) -> None:
        """Reconcile `key` again after a pause that doubles with every failure in a row."""
        failures = self._failures[key] = self._failures.get(key, -1) + 1
        self.add_after(key, min(BACK_OFF_SECONDS * 2**failures, BACK_OFF_LIMIT_SECONDS))

    def succeed(self, key: NamespacedName) -> None:
        """Forget the failures of `key`."""
        self._failures.pop(key, None)

    def done(self, key: NamespacedName) -> None:
        """Mark `key` as processed; additions made meanwhile become due."""
        self._busy.discard(key)
        if key in self._again:
            self._again.discard(key)
            self.add(key)

    async def take(self) -> NamespacedName:
        """The next key; waits for one."""
        while True:
            self._ripen()
            if self._ready:
                key = next(iter(self._ready))
                del self._ready[key]
                self._busy.add(key)
                if self._interval_seconds:
                    self._next[key] = asyncio.get_running_loop().time() + self._interval_seconds
                return key
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._later[0][0] if self._later else None):
                    await self._changed.wait()

    def _ripen(self) -> None:
        now = asyncio.get_running_loop().time()
        while self._later and self._later[0][0] <= now:
            due, _, key = heapq.heappop(self._later)
            if self._due.get(key) == due:
                del self._due[key]
                self.add(key)


class ControllerManager:
    """One controller manager: a client, its informers and its controllers, run together until cancelled."""

    def __init__(self, name: str, client: Client, pace: Pace) -> None:
        self.name = name
        self.client = client
        self.pace = pace
        self._informers: dict[ResourceMapping, Informer] = {}
        self._workers: list[tuple[str, Queue, Reconcile, int]] = []

    def informer(self, resource: ResourceMapping) -> Informer:
        """The manager's one informer of that kind."""
        return self._informers.setdefault(resource, Informer(self.client, resource))

    def controller(
        self,
        resource: ResourceMapping,
        reconcile: Reconcile,
        *,
        workers: int = 10,
        watch_status: bool = True,
        interval_seconds: float = 0.0,
    ) -> Queue:
        """Have `reconcile` called for every change of `resource`; returns its queue for further causes.

        Without `watch_status` only a new generation, finalizers or annotations wake it (BMO's filter for hosts). `interval_seconds`:
        no object more often than that (Cluster API's own limit).
        """
        queue = Queue(self.pace, interval_seconds)
        self._workers.append((f"{self.name}/{resource.plural}", queue, reconcile, workers))

        def wake(before: Json | None, after: Json | None) -> None:
            if after is not None and (watch_status or before is None or _woken_by(before) != _woken_by(after)):
                queue.add(key_of(after))

        self.informer(resource).on_change(wake)
        return queue

    def maps(self, resource: ResourceMapping, queue: Queue, keys: Callable[[Json], Iterable[NamespacedName]]) -> None:
        """Wake `queue` for `keys(object)` whenever an object of another kind changes or goes."""

        def wake(before: Json | None, after: Json | None) -> None:
            for obj in (before, after):
                for key in keys(obj) if obj is not None else ():
                    queue.add(key)

        self.informer(resource).on_change(wake)

    async def run(self) -> None:
        """Start the informers, wait for their first lists, then work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for informer in self._informers.values():
                tasks.create_task(informer.run())
            for informer in self._informers.values():
                await informer.synced.wait()
            for name, queue, reconcile, workers in self._workers:
                for _ in range(workers):
                    tasks.create_task(_work(name, queue, reconcile))


async def _work(name: str, queue: Queue, reconcile: Reconcile) -> None:
    while True:
        key = await queue.take()
        try:
            after = await reconcile(key)
        except EXPECTED as error:
            log.info("%s: %s/%s: %s", name, *key, error or type(error).__name__)
            queue.fail(key)
        else:
            queue.succeed(key)
            if after is not None:
                queue.add_after(key, after)
        finally:
            queue.done(key)


def _woken_by(obj: Json) -> tuple[object, ...]:
    meta = obj["metadata"]
    return meta.get("generation"), meta.get("finalizers"), meta.get("annotations"), meta.get("deletionTimestamp")


def owner_keys(kind: str) -> Callable[[Json], list[NamespacedName]]:
    """A mapper to the object's owners of that kind."""

    def keys(obj: Json) -> list[NamespacedName]:
        meta = obj["metadata"]
        return [(meta.get("namespace", ""), ref["name"]) for ref in meta.get("ownerReferences", []) if ref["kind"] == kind]

    return keys
