"""Sight on Kubernetes: every kind that matters in one cluster, by watches of our own.

`KubeSight` runs one reflector per kind and one revision poll; see `reflector` (following a kind), `followed` (kinds that clusters name
themselves), `revision_clock` (intervals) and `final_list` (the proof at the end).
"""

import asyncio
from collections.abc import Sequence

from harness.journal.facts import Body, ClusterName
from harness.journal.journal import FactRecorder
from harness.kube.cluster import KubeCluster
from harness.sight.kube.backoff import KubeSightLimits
from harness.sight.kube.final_list import prove_complete
from harness.sight.kube.followed import DEFINITION, FollowedKinds, defined, must_follow, named_by, objects_of
from harness.sight.kube.kinds import Kind
from harness.sight.kube.reflector import Reflector, Setting
from harness.sight.kube.revision_clock import RevisionClock, poll_revision
from harness.sight.kube.served import CommonVersions, ServedKinds

LOOKS_AT_ONCE = 8
"""Kinds that nothing tells of are looked at in so many requests at a time."""


def served_kinds(cluster: KubeCluster, recorder: FactRecorder, limits: KubeSightLimits) -> ServedKinds:
    """The discovery of one cluster; what it answered is good until a kind that is absent is asked for again."""
    return ServedKinds(cluster, recorder.now, limits.absent_seconds / 2)


class KubeSight:
    """One cluster watched. `ready` is set once the first list of every kind is recorded, or told to be impossible.

    `namespace` is the pivot's; `key` (16 to 64 random bytes, new for each run) makes the digests of secrets worthless outside it.
    `followed` are the kinds that the clusters of a pivot name themselves; without it there are no others than `kinds`.
    `versions`: in which version of its API each kind is read; without it, as the cluster prefers.
    """

    def __init__(  # noqa: PLR0913 - each of these is another part of the run, and all are named
        self,
        cluster: KubeCluster,
        name: ClusterName,
        recorder: FactRecorder,
        *,
        kinds: Sequence[Kind],
        namespace: str,
        key: bytes,
        limits: KubeSightLimits | None = None,
        followed: FollowedKinds | None = None,
        versions: CommonVersions | None = None,
    ) -> None:
        self.ready = asyncio.Event()
        limits = limits or KubeSightLimits()
        self._setting = Setting(
            cluster=cluster,
            name=name,
            recorder=recorder,
            namespace=namespace,
            key=key,
            limits=limits,
            revision_clock=RevisionClock(),
            versions=versions or CommonVersions({name: served_kinds(cluster, recorder, limits)}),
            notice=self._notice if followed else lambda _kind, _body: None,
            answers=asyncio.Event(),
        )
        self._reflectors = [Reflector(self._setting, kind) for kind in kinds]
        self._named: list[Reflector] = []
        self._followed = followed or FollowedKinds(kinds)
        self._followed.join(self.follow)
        self._awaited: list[asyncio.Event] = []
        self._looks = asyncio.Semaphore(LOOKS_AT_ONCE)
        self._looked: set[str] = set()
        self._group: asyncio.TaskGroup | None = None
        self._tasks: dict[Reflector, asyncio.Task[None]] = {}
        self._pulse: asyncio.Task[None] | None = None

    @property
    def troubles(self) -> dict[str, str]:
        """Kind -> the last trouble, for the kinds whose first list is still missing."""
        return {one.kind.name: one.trouble for one in self._reflectors if not one.began.is_set()}

    async def run(self) -> None:
        """Watch until cancelled, or until `barrier` ends it. Without a barrier the sights are recorded as ended incomplete."""
        setting = self._setting
        try:
            async with asyncio.TaskGroup() as self._group:
                self._tasks = {one: self._group.create_task(one.run()) for one in (*self._reflectors, *self._named)}
                pulse = poll_revision(setting.cluster, self._any_path, setting.revision_clock, setting.recorder, setting.limits)
                self._pulse = self._group.create_task(pulse)
                self._group.create_task(self._announce())
        except asyncio.CancelledError:
            for one in self._tasks:
                if one in self._reflectors or one.tried.is_set():
                    one.end(complete=False, since=one.seen_until(), says="stopped without a closing list")
            raise

    def follow(self, kind: Kind) -> Reflector:
        """Watch one kind more, from now on."""
        reflector = Reflector(self._setting, kind)
        self._named.append(reflector)
        if self._group:
            self._tasks[reflector] = self._group.create_task(reflector.run())
        return reflector

    async def barrier(self, limit_seconds: float, because: str = "") -> bool:
        """End the watch: prove for every kind that nothing is missing, record SightEnded, stop. True if every proof succeeded.

        `because`: why it ends, where that is not the end of the run.
        """
        self._group = None
        tried = [one for one in (*self._reflectors, *self._named) if one.tried.is_set() or one in self._reflectors]
        async with asyncio.TaskGroup() as group:
            closings = [group.create_task(self._close(one, limit_seconds, because)) for one in tried]
        for task in (self._pulse, *self._tasks.values()):
            if task is not None:
                task.cancel()
        return all(closing.result() for closing in closings)

    async def _close(self, reflector: Reflector, limit_seconds: float, because: str) -> bool:
        if reflector.tried.is_set() and not reflector.began.is_set():
            reflector.end(complete=False, since=reflector.seen_until(), says=reflector.trouble)
            return False
        complete = await prove_complete(reflector, limit_seconds, because)
        task = self._tasks.pop(reflector, None)
        if task is not None:
            task.cancel()
        return complete

    async def _announce(self) -> None:
        await self._setting.answers.wait()
        for one in self._reflectors:
            await one.tried.wait()
        while missing := [event for event in self._awaited if not event.is_set()]:
            await missing[0].wait()
        self.ready.set()

    # --- kinds that the cluster names itself ---

    def _notice(self, kind: Kind, body: Body) -> None:
        """Watch what an object names from now on, in every cluster."""
        if kind.kind == DEFINITION and must_follow(body):
            self._follow(defined(body))
        elif kind.kind == DEFINITION:
            self._look_once(defined(body))
        else:
            for named in named_by(kind, body):
                self._follow(named)

    def _follow(self, kind: Kind) -> None:
        self._await(self._followed.follow(kind))

    def _await(self, begun: list[Reflector]) -> None:
        self._awaited += [reflector.tried for reflector in begun]

    def _look_once(self, kind: Kind) -> None:
        if self._group and kind.name not in self._looked and not self._followed.knows(kind.name):
            self._looked.add(kind.name)
            self._group.create_task(self._look(kind, looked := asyncio.Event()))
            self._awaited.append(looked)

    async def _look(self, kind: Kind, looked: asyncio.Event) -> None:
        async with self._looks:
            found = await objects_of(self._setting.cluster, kind, self._setting.namespace)
            self._await(self._followed.look_at(kind, found))
        looked.set()

    def _any_path(self) -> str | None:
        return next((one.path for one in self._reflectors if one.path), None)
