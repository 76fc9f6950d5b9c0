"""Reading what a cluster may not have: a kind that it does not serve, or an object that is not there; or it is not there itself."""

from harness.journal.facts import Body
from harness.kube.cluster import KubeCluster
from harness.kube.errors import ClusterError, NotThereError

NOT_FOUND = 404


async def list_if_served(cluster: KubeCluster, path: str) -> list[Body]:
    """Every object of a collection; empty where the cluster does not know the kind. Raises ClusterError for all else."""
    try:
        return await cluster.list_all(path)
    except NotThereError:
        return []
    except ClusterError as error:
        if error.status == NOT_FOUND:
            return []
        raise


async def list_kind(cluster: KubeCluster, group: str, kind: str, namespace: str = "") -> list[Body]:
    """Every object of a kind, in the version that its cluster prefers; empty where the cluster does not know the kind."""
    try:
        resource = await cluster.resource(group, kind)
    except NotThereError:
        return []
    return await list_if_served(cluster, resource.path(namespace)) if resource else []


async def get_if_there(cluster: KubeCluster, path: str) -> Body | None:
    """One object; None where it is not there. Raises ClusterError for all else."""
    try:
        return await cluster.get_json(path)
    except ClusterError as error:
        if error.status == NOT_FOUND:
            return None
        raise
