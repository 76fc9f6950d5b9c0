"""The objects of one kind that name their Cluster in their spec."""

from harness.emulated.controllers.informer import Informer, NamespacedName
from harness.emulated.controllers.objects import cluster_of, is_deleted, is_paused
from harness.emulated.controllers.runtime import ControllerManager
from harness.emulated.kube.client import Json
from harness.emulated.kube.resources import CLUSTERS


class ClusterMembers:
    """Which of these objects belong to a Cluster, and to which one does an object."""

    def __init__(self, manager: ControllerManager, members: Informer) -> None:
        self._clusters: Informer = manager.informer(CLUSTERS)
        self._members = members

    def keys(self, cluster: Json) -> list[NamespacedName]:
        """The objects that are to be looked at when this Cluster changes."""
        meta = cluster["metadata"]
        of_it = [each for each in self._members.items(meta["namespace"]) if each["spec"]["clusterName"] == meta["name"]]
        return [(meta["namespace"], each["metadata"]["name"]) for each in of_it]

    def found(self, key: NamespacedName) -> tuple[Json | None, Json | None]:
        """An object and its Cluster; nothing where one is missing, or where a deleted object of a paused Cluster has to wait."""
        member = self._members.get(key)
        cluster = cluster_of(self._clusters, member, member["spec"]["clusterName"]) if member else None
        if member is None or cluster is None or (is_paused(cluster) and is_deleted(member)):
            return None, None
        return member, cluster
