"""In which version of its API a kind is read: for the two clusters of a move the newest that both serve.

Versions write the same thing otherwise (`infrastructureRef.apiVersion` became `apiGroup`), so objects are compared in one of them only.
"""

from collections.abc import Mapping

from harness.kube.cluster import KubeCluster
from harness.kube.discovery import ApiResource, newest_first
from harness.kube.errors import ClusterError
from harness.sight.kube.kinds import Kind


class CommonVersions:
    """The versions in which some clusters are read, each by its name. What one of them reads, the others follow where they can."""

    def __init__(self, clusters: Mapping[str, KubeCluster]) -> None:
        """Nothing is read yet."""
        self._clusters = clusters
        self._read: dict[tuple[str, Kind], str] = {}

    async def resource(self, name: str, cluster: KubeCluster, kind: Kind) -> ApiResource | None:
        """Where this cluster serves a kind, in the common version if there is one, else as the cluster prefers; None: not at all."""
        versions = await cluster.versions(kind.group)
        for version in [*await self._common(name, kind, versions), *versions]:
            if found := await cluster.served(kind.group, version, kind.kind):
                self._read[name, kind] = version
                return found
        return None

    async def _common(self, name: str, kind: Kind, versions: list[str]) -> list[str]:
        """The versions to try first: the one in which another cluster is read already, else those that all serve."""
        others = {other: cluster for other, cluster in self._clusters.items() if other != name}
        if name not in self._clusters or not others or len(versions) == 0 or not kind.group:
            return []
        followed = [read for other in others if (read := self._read.get((other, kind))) in versions]
        if followed:
            return [read for read in followed if read]
        shared = newest_first(versions)
        for cluster in others.values():
            theirs = await _served_by(cluster, kind, shared)
            shared = [version for version in shared if version in theirs]
        return shared


async def _served_by(cluster: KubeCluster, kind: Kind, wanted: list[str]) -> list[str]:
    """In which of these versions another cluster serves a kind; none where it does not tell, which must not blind this one."""
    try:
        versions = await cluster.versions(kind.group)
        return [it for it in wanted if it in versions and await cluster.served(kind.group, it, kind.kind)]
    except ClusterError:
        return []
