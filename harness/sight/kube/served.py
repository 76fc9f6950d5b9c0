"""Where kinds are served, and in which version of its API each is read: for the two clusters of a move the newest that both serve.

Versions write the same thing otherwise (`infrastructureRef.apiVersion` became `apiGroup`), so objects are compared in one of them only.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from harness.kube.cluster import KubeCluster
from harness.kube.discovery import ApiResource, newest_first
from harness.kube.errors import ClusterError, NotThereError
from harness.sight.kube.kinds import Kind


class DiscoveryAnswer(NamedTuple):
    """An answer, and when it was asked for (seconds of the run)."""

    document: Any
    sent: float


class ServedKinds:
    """The discovery of one cluster, so that many watches that begin together ask once.

    An answer is used again for `good_seconds` after it was asked for; `sent` is the time of which what was found is true.
    """

    def __init__(self, cluster: KubeCluster, now: Callable[[], float], good_seconds: float) -> None:
        self.now = now
        self._cluster = cluster
        self._good_seconds = good_seconds
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._answers: dict[str, DiscoveryAnswer] = {}

    async def versions(self, group: str) -> tuple[list[str], float]:
        """The versions of a group, the preferred one first; none where discovery proves that it is not served."""
        if not group:
            return ["v1"], self.now()
        groups, sent = await self._answer("", self._cluster.groups)
        return groups.versions(group), sent

    async def serves(self, kind: Kind, version: str) -> tuple[ApiResource | None, float]:
        """Where a kind is served in this version of its group, which must be served; None where that version has no such kind."""
        ask = partial(self._cluster.resources, kind.group, version)
        resources, sent = await self._answer(f"{kind.group}/{version}", ask)
        return resources.find(kind.group, version, kind.kind), sent

    async def _answer(self, document: str, ask: Callable[[], Awaitable[Any]]) -> DiscoveryAnswer:
        async with self._asking[document]:
            known = self._answers.get(document)
            if known is None or self.now() - known.sent > self._good_seconds:
                sent = self.now()
                known = self._answers[document] = DiscoveryAnswer(await ask(), sent)
            return known


class CommonVersions:
    """The versions in which some clusters are read, each by its name. What one of them reads, the others follow where they can."""

    def __init__(self, served: Mapping[str, ServedKinds]) -> None:
        """Nothing is read yet."""
        self._served = served
        self._read: dict[tuple[str, Kind], str] = {}
        self._absence: dict[tuple[str, Kind], str] = {}

    async def find(self, name: str, kind: Kind) -> tuple[ApiResource | None, float]:
        """Where this cluster serves a kind, in the common version if there is one, else as the cluster prefers; None: not at all.

        And the time (seconds of the run) of which that is true. A cluster that is not there yet serves nothing.
        """
        sent = self._served[name].now()
        try:
            return await self._found(name, kind)
        except NotThereError as error:
            self._absence[name, kind] = f"the cluster was not there until now ({error.says})"
            return None, sent

    def absence(self, name: str, kind: Kind) -> str:
        """Why a kind that is served now was not, in words."""
        return self._absence.pop((name, kind), "the kind was not served until now")

    async def _found(self, name: str, kind: Kind) -> tuple[ApiResource | None, float]:
        served = self._served[name]
        versions, sent = await served.versions(kind.group)
        for version in [*await self._common(name, kind, versions), *versions]:
            found, asked = await served.serves(kind, version)
            sent = min(sent, asked)
            if found:
                self._read[name, kind] = version
                return found, sent
        return None, sent

    async def _common(self, name: str, kind: Kind, versions: list[str]) -> list[str]:
        """The versions to try first: the one in which another cluster is read already, else those that all serve."""
        others = {other: served for other, served in self._served.items() if other != name}
        if not others or not versions or not kind.group:
            return []
        followed = [read for other in others if (read := self._read.get((other, kind))) in versions]
        if followed:
            return [read for read in followed if read]
        shared = newest_first(versions)
        for served in others.values():
            theirs = await _served_by(served, kind, shared)
            shared = [version for version in shared if version in theirs]
        return shared


async def _served_by(served: ServedKinds, kind: Kind, wanted: list[str]) -> list[str]:
    """In which of these versions another cluster serves a kind; none where it does not tell, which must not blind this one."""
    try:
        versions, _ = await served.versions(kind.group)
        return [it for it in wanted if it in versions and (await served.serves(kind, it))[0]]
    except ClusterError:
        return []
