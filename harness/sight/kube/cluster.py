"""Sight on Kubernetes: every kind that matters in one cluster, by watches of our own.

`KubeSight` runs one reflector per kind and one revision poll; see `reflector` (following a kind), `revision_clock` (intervals)
and `final_list` (the proof at the end).
"""

import asyncio
from collections.abc import Sequence

from harness.journal.facts import ClusterName
from harness.journal.journal import FactRecorder
from harness.kube.cluster import KubeCluster
from harness.sight.kube.backoff import KubeSightLimits
from harness.sight.kube.bodies import BodyStore
from harness.sight.kube.common_version import CommonVersions
from harness.sight.kube.final_list import prove_complete
from harness.sight.kube.kinds import Kind
from harness.sight.kube.reflector import Reflector, Setting
from harness.sight.kube.revision_clock import RevisionClock, poll_revision


class KubeSight:
    """One cluster watched. `ready` is set once the first list of every kind is recorded.

    `namespace` is the pivot's; `key` (16 to 64 random bytes, new for each run) makes the digests of secrets worthless outside it.
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
        bodies: BodyStore,
        key: bytes,
        limits: KubeSightLimits | None = None,
        versions: CommonVersions | None = None,
    ) -> None:
        self.ready = asyncio.Event()
        self._setting = Setting(
            cluster=cluster,
            name=name,
            recorder=recorder,
            namespace=namespace,
            bodies=bodies,
            key=key,
            limits=limits or KubeSightLimits(),
            revision_clock=RevisionClock(),
            versions=versions or CommonVersions({}),
        )
        self._reflectors = [Reflector(self._setting, kind) for kind in kinds]
        self._tasks: dict[Reflector, asyncio.Task[None]] = {}
        self._pulse: asyncio.Task[None] | None = None

    @property
    def troubles(self) -> dict[str, str]:
        """Kind -> the last trouble, for the kinds whose first list is still missing."""
        return {one.kind.kind: one.trouble for one in self._reflectors if not one.began.is_set()}

    async def run(self) -> None:
        """Watch until cancelled, or until `barrier` ends it. Without a barrier the sights are recorded as ended incomplete."""
        setting = self._setting
        try:
            async with asyncio.TaskGroup() as group:
                self._tasks = {one: group.create_task(one.run()) for one in self._reflectors}
                pulse = poll_revision(setting.cluster, self._any_path, setting.revision_clock, setting.recorder, setting.limits)
                self._pulse = group.create_task(pulse)
                group.create_task(self._announce())
        except asyncio.CancelledError:
            for one in self._tasks:
                one.end(complete=False, since=one.seen_until(), says="stopped without a closing list")
            raise

    async def barrier(self, limit_seconds: float) -> bool:
        """End the watch: prove for every kind that nothing is missing, record SightEnded, stop. True if every proof succeeded."""
        async with asyncio.TaskGroup() as group:
            closings = [group.create_task(self._close(one, limit_seconds)) for one in self._reflectors]
        if self._pulse is not None:
            self._pulse.cancel()
        return all(closing.result() for closing in closings)

    async def _close(self, reflector: Reflector, limit_seconds: float) -> bool:
        complete = await prove_complete(reflector, limit_seconds)
        task = self._tasks.pop(reflector, None)
        if task is not None:
            task.cancel()
        return complete

    async def _announce(self) -> None:
        for one in self._reflectors:
            await one.began.wait()
        self.ready.set()

    def _any_path(self) -> str | None:
        return next((one.path for one in self._reflectors if one.path), None)
