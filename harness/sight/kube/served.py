"""Where kinds are served: what discovery answered is good for a moment, so that many watches that begin together ask once."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, NamedTuple

from harness.kube.cluster import KubeCluster
from harness.kube.discovery import ApiResource


class DiscoveryAnswer(NamedTuple):
    """An answer, and when it was asked for (seconds of the run)."""

    document: Any
    sent: float


class ServedKinds:
    """The discovery of one cluster; an answer is used again for `good_seconds` after it was asked for."""

    def __init__(self, cluster: KubeCluster, now: Callable[[], float], good_seconds: float) -> None:
        self._cluster = cluster
        self._now = now
        self._good_seconds = good_seconds
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._answers: dict[str, DiscoveryAnswer] = {}

    async def find(self, group: str, kind: str) -> tuple[ApiResource | None, float]:
        """Where a kind is served, None where it is not; and the time (seconds of the run) of which that is true."""
        versions, sent = ["v1"], self._now()
        if group:
            groups, sent = await self._answer("", self._cluster.groups)
            versions = groups.versions(group)
        for version in versions:
            resources, asked = await self._answer(f"{group}/{version}", partial(self._cluster.resources, group, version))
            sent = min(sent, asked)
            if found := resources.find(group, version, kind):
                return found, sent
        return None, sent

    async def _answer(self, document: str, ask: Callable[[], Awaitable[Any]]) -> DiscoveryAnswer:
        async with self._asking[document]:
            known = self._answers.get(document)
            if known is None or self._now() - known.sent > self._good_seconds:
                sent = self._now()
                known = self._answers[document] = DiscoveryAnswer(await ask(), sent)
            return known
