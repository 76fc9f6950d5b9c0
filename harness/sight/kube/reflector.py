"""Follows one kind of one cluster, without a gap or with the gap recorded: list, watch, resume, relist.

The life of a reflector: discover where the kind is served; list it in one consistent state; watch from that version on; after any
cut go on at the last version (nothing is lost then); if the server has forgotten that version (410), record a gap, list again,
and record the changes implied as inferred. It never gives up: after an error it waits and tries again.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import NamedTuple

from harness.journal.facts import Body, ClusterName, SightBegan, SightEnded, SightLost, SightRegained
from harness.journal.journal import FactRecorder
from harness.kube.cluster import KubeCluster, Lines
from harness.kube.discovery import ApiResource
from harness.kube.errors import ClusterError
from harness.sight.kube.backoff import Backoff, KubeSightLimits
from harness.sight.kube.kinds import Kind
from harness.sight.kube.objects.cache import ObjectCache
from harness.sight.kube.revision_clock import ConsistentRead, EarliestTimes, RevisionClock
from harness.sight.kube.served import CommonVersions
from harness.sight.kube.wire import Sighting, read_item, read_line, version_number

GONE = 410
NOT_FOUND = 404
FORBIDDEN = 403
PATIENCE = 6
"""After so many failures, while the cluster answers others, nobody waits any longer for the first list of a kind."""
BREATH_ITEMS = 100
"""Yield to the event loop after this many items.

A watch line is timestamped when it is read, so a long list would make the others late.
"""


class Setting(NamedTuple):
    """What all reflectors of one cluster share."""

    cluster: KubeCluster
    name: ClusterName
    recorder: FactRecorder
    namespace: str
    key: bytes
    limits: KubeSightLimits
    revision_clock: RevisionClock
    versions: CommonVersions
    notice: Callable[[Kind, Body], None]
    answers: asyncio.Event
    """Set once the cluster gave a list of any kind."""


class Reflector:
    """One kind's list and watch; `run` it until it is cancelled.

    `began` is set once the first list is recorded, `tried` also where nobody need wait for it any longer: it was refused, or failed often
    while the cluster answered others. `trouble` is the last error's text, `version` the last version recorded (None: list first),
    `late` collects versions by key while it is a dict (None: off).
    """

    def __init__(self, setting: Setting, kind: Kind) -> None:
        self.kind = kind
        self.began = asyncio.Event()
        self.tried = asyncio.Event()
        self.trouble = ""
        self.resource: ApiResource | None = None
        self.objects = ObjectCache(setting.name, kind, setting.key, partial(setting.notice, kind))
        self.version: int | None = None
        self.late: dict[tuple[str, str], int] | None = None
        self.recorder = setting.recorder
        self._cluster, self._limits = setting.cluster, setting.limits
        self._name, self._versions = setting.name, setting.versions
        self._namespace = "" if kind.everywhere else kind.namespace or setting.namespace
        self._sight: dict[str, str] = {"cluster": setting.name, "kind": kind.name}
        self._pulses = setting.revision_clock
        self._bounds = EarliestTimes(setting.revision_clock)
        self._backoff = Backoff(setting.limits)
        self._random = random.SystemRandom()
        self._settled = False
        self._lost = False
        self._absent = self._ever_served = self._late_served = self._looked = False
        self._absent_since = 0.0
        self._failures = 0
        self._answers = setting.answers
        self._blind_since = 0.0

    @property
    def path(self) -> str | None:
        """The collection, None while it is not known where the kind is served."""
        return self.resource.path(self._namespace) if self.resource else None

    async def run(self) -> None:
        """List and watch until cancelled; every loss of sight becomes a fact, every trouble a wait."""
        while True:
            self._settled = False
            retry_after_seconds = 0.0
            try:
                await self._look()
                self.trouble = f"{self._cluster.place}: ended the watch"
                if not self._settled:
                    self._lose(self.trouble)
            except ClusterError as error:
                retry_after_seconds = error.retry_after_seconds
                self._meet(error)
            seconds = self._backoff.next_seconds(retry_after_seconds)
            if seconds > self._limits.grace_seconds:
                self._lose(self.trouble)
            await asyncio.sleep(seconds)

    def _meet(self, error: ClusterError) -> None:
        """Handle an error: an expired version, a kind no longer served, a watch that did not resume, or a mere cut."""
        self.trouble = str(error)
        self._failures += self._answers.is_set()
        if error.status == FORBIDDEN or self._failures >= PATIENCE:
            self._stop_waiting()
        forgotten = error.status in (GONE, NOT_FOUND)
        if forgotten or not self._settled:
            self._lose(self.trouble)
        if forgotten:
            self.version = None
        if error.status == NOT_FOUND:
            self.resource = None

    def _stop_waiting(self) -> None:
        """Tell why there is no first list, once; it is asked for again and again none the less."""
        if not self.tried.is_set():
            self.tried.set()
            self.recorder.record(SightLost(sight="kube", says=self.trouble, **self._sight))

    async def _look(self) -> None:
        if self.resource is None and not await self._discover():
            return
        if self.version is None:
            await self._list()
        await self._watch()

    # --- discovery ---

    async def _discover(self) -> bool:
        """Find the path of the kind. If it is not served, it has no objects; that is recorded as coverage too."""
        self.resource, sent = await self._versions.find(self._name, self.kind)
        if self.resource is not None:
            self.objects.api_version = self.resource.api_version
            if self._absent:
                self._lose(f"{self._versions.absence(self._name, self.kind)}; its first moments were not seen")
            return self._ever_served or not self._absent or await self._looks_again()
        if not self._absent:
            await self._tell_list([], ConsistentRead(sent, self.recorder.now(), 0))
        self.look_absent(sent)
        self._backoff.reset()
        await asyncio.sleep(self._limits.absent_seconds)
        return False

    async def _looks_again(self) -> bool:
        """Of a kind that was defined just now a server tells one version after the other: the second look finds them all."""
        if self._looked:
            return True
        self._looked, self.resource = True, None
        await asyncio.sleep(self._limits.absent_seconds)
        return False

    def look_absent(self, since: float) -> None:
        """Note that the kind was not served at that time; for an absent kind, repeated discovery counts as coverage."""
        self._absent = True
        self._absent_since = since
        self.settle()

    async def ask_resource(self) -> ApiResource | None:
        """Where the kind is served now, asked anew."""
        return await self._cluster.resource(self.kind.group, self.kind.kind)

    # --- list ---

    async def _list(self) -> None:
        reading, sightings = await self.ask_list()
        await self._tell_list(sightings, reading)
        self.version = reading.version
        self._absent, self._ever_served = False, True

    async def ask_list(self) -> tuple[ConsistentRead, list[Sighting]]:
        """The objects in one consistent state, and which state that is."""
        path, sent = self.path, self.recorder.now()
        assert path is not None  # noqa: S101 - discovery comes first
        limits = self._limits
        listing = await self._cluster.list_raw(path, page_items=limits.page_items, answer_seconds=limits.answer_seconds)
        try:
            reading = ConsistentRead(sent, self.recorder.now(), version_number(listing.version))
            sightings = [read_item(item) for item in listing.items]
        except ValueError as error:
            raise ClusterError(self._cluster.place, f"sent a list of {self.kind.kind} that is none ({error})") from error
        self._bounds.note_list(reading)
        return reading, sightings

    async def _tell_list(self, sightings: list[Sighting], reading: ConsistentRead) -> None:
        """Record the first list as it is, later ones as inferred changes, then that the sight began or was regained."""
        first = not self.began.is_set()
        late = not len(self.objects) and (self._late_served or (self._absent and not self._ever_served))
        since = reading.sent if first else self.seen_until()
        facts = map(self.objects.see, sightings) if first else self.objects.see_list(sightings)
        for number, fact in enumerate(facts, 1):
            self.recorder.record(fact, since=since, at=reading.answered)
            if number % BREATH_ITEMS == 0:
                await asyncio.sleep(0)
        if first:
            self.recorder.record(SightBegan(sight="kube", **self._sight), since=reading.sent, at=reading.answered)
            self.began.set()
            self.tried.set()
            self._answers.set()
        if late and not first:
            # A server that serves a new kind makes its storage anew for a moment, and tells watches that they are too old.
            self._late_served = True
            self._regain(complete=False, says="the kind was not served before, and nothing of it was seen", begins=True)
        self._regain(complete=False, says="listed again: what happened in between is inferred")

    # --- watch ---

    async def _watch(self) -> None:
        """Follow the watch from the last version until it ends."""
        async with self.open_watch(self._random.randint(*self._limits.watch_seconds)) as lines:
            line = await self._first(lines)
            while line.endswith(b"\n"):
                self.take(line)
                line = await lines.next()

    def open_watch(self, watch_seconds: int) -> AbstractAsyncContextManager[Lines]:
        """The watch that goes on where the last one ended; asked to end by itself after `watch_seconds`."""
        assert self.path is not None  # noqa: S101 - discovery comes first
        params = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": str(self.version),
            "timeoutSeconds": str(watch_seconds),
        }
        limits = self._limits
        answer_seconds = limits.answer_seconds if self._lost else limits.grace_seconds
        return self._cluster.stream(self.path, params, idle_seconds=limits.idle_seconds, answer_seconds=answer_seconds)

    def told(self, version: int) -> bool:
        """Is everything up to this version recorded?"""
        return self.version is not None and self.version >= version

    async def _first(self, lines: Lines) -> bytes:
        """Wait for the first line; a watch that was not refused within the grace period counts as established."""
        reading = asyncio.create_task(lines.next())
        try:
            done, _ = await asyncio.wait({reading}, timeout=self._limits.grace_seconds)
            if not done:
                self.settle()
                self._backoff.reset()
            return await reading
        finally:
            reading.cancel()

    def take(self, line: bytes) -> None:
        """Turn one line of a watch into a fact, unless it is known already. ClusterError where the line ends the watch."""
        at = self.recorder.now()
        sighting = read_line(self._cluster.place, line)
        self.settle()
        if self.version is None or self.told(sighting.version):
            return
        self._backoff.reset()
        self._pulses.wanted.set()
        if sighting.change != "bookmark":
            since = self._bounds.since(sighting.version)
            self.recorder.record(self.objects.see(sighting), since=since, at=at)
            if self.late is not None:
                self.late[sighting.key] = sighting.version
        self.version = sighting.version

    # --- sight ---

    def settle(self) -> None:
        """The watch goes on at the last version: nothing was missed."""
        self._settled = True
        self._regain(complete=True, says="nothing was missed: the watch went on at the last version")

    def seen_until(self) -> float:
        """The time up to which everything is certainly recorded."""
        if self._lost:
            return self._blind_since
        return self._absent_since if self.version is None else self._bounds.since(self.version + 1)

    def _lose(self, says: str) -> None:
        if self._lost or not self.began.is_set():
            return
        self._blind_since = self.seen_until()
        self._lost = True
        self.recorder.record(SightLost(sight="kube", says=says, **self._sight), since=self._blind_since)

    def _regain(self, *, complete: bool, says: str, begins: bool = False) -> None:
        if self._lost:
            self._lost = False
            self.recorder.record(SightRegained(sight="kube", complete=complete, says=says, begins=begins, **self._sight))

    def end(self, *, complete: bool, since: float, says: str) -> None:
        """Record SightEnded; `since` is the time up to which everything is recorded."""
        self.recorder.record(SightEnded(sight="kube", complete=complete, says=says, **self._sight), since=since)
