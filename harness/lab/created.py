"""Objects that a step creates, and how they are deleted again."""

import asyncio

from harness.kube.cluster import KubeCluster
from harness.kube.errors import ClusterError
from harness.lab.undo import Undo, UndoAccess, unless

GONE_SECONDS = 1800.0
GONE_POLL_SECONDS = 1.0


class DeleteCreated(Undo, frozen=True, kw_only=True, tag="delete"):
    """The object that was created is deleted; `until_gone` waits for its end, since the next one may depend on it."""

    cluster: str
    path: str
    until_gone: bool = False

    async def undo(self, access: UndoAccess) -> None:
        """Delete it, where it is there."""
        cluster = access.clusters[self.cluster]
        await unless(404, lambda: cluster.delete(self.path))
        if self.until_gone:
            await _gone(cluster, self.path)


async def _gone(cluster: KubeCluster, path: str) -> None:
    """Wait until a deleted object is gone; a host takes as long as cleaning its disk. Raises ClusterError."""
    limit = asyncio.get_running_loop().time() + GONE_SECONDS
    while asyncio.get_running_loop().time() < limit:
        try:
            await cluster.get_json(path)
        except ClusterError as error:
            if error.status == 404:
                return
            raise
        await asyncio.sleep(GONE_POLL_SECONDS)
    raise ClusterError(cluster.place, f"{path} is being deleted, and still there after {GONE_SECONDS:.0f} s; look why")
