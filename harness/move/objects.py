"""Lists the objects that a move takes along from a cluster, and the order in which they may be deleted.

The rules are those of `clusterctl move`: kinds by labelled definitions, Secrets and ConfigMaps besides; an object moves when a label
forces it, or when it stands below a Cluster, a ClusterClass or another root. Nothing cluster-scoped is ever deleted by a move, so
nothing cluster-scoped is here.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from harness.journal.facts import Body
from harness.kube.absent import list_if_served
from harness.kube.cluster import KubeCluster
from harness.kube.discovery import ApiResource
from harness.metal3 import CAPI, CLUSTERCTL, DEFINITIONS_PATH, MOVE, MOVE_HIERARCHY
from harness.world.moved_kinds import MOVED_KINDS
from harness.world.moved_objects import SOFT_OWNED

CLUSTER = (CAPI, "Cluster")
CLUSTER_CLASS = (CAPI, "ClusterClass")
ROOTS = tuple((moved.group, moved.kind) for moved in MOVED_KINDS if moved.is_root)


class Key(NamedTuple):
    """One object, whichever cluster it is in."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class MovableKind(NamedTuple):
    """A kind that may move, and what the labels of its definition force."""

    resource: ApiResource
    moves: bool = False
    is_root: bool = False


class MovableObject(NamedTuple):
    """One object of a cluster as it is now."""

    kind: MovableKind
    body: Body

    @property
    def key(self) -> Key:
        """Its name within any cluster."""
        resource, metadata = self.kind.resource, self.body["metadata"]
        return Key(resource.group, resource.kind, metadata.get("namespace", ""), metadata["name"])

    @property
    def path(self) -> str:
        """Its URL path."""
        return self.kind.resource.path(self.key.namespace, self.key.name)

    @property
    def uid(self) -> str:
        """Its uid in this cluster."""
        return str(self.body["metadata"]["uid"])

    @property
    def annotations(self) -> dict[str, str]:
        """Annotations, never None."""
        return self.body["metadata"].get("annotations") or {}

    @property
    def deleting(self) -> bool:
        """Is it marked for deletion?"""
        return bool(self.body["metadata"].get("deletionTimestamp"))

    @property
    def owners(self) -> list[str]:
        """The uids of its owners."""
        return [str(reference["uid"]) for reference in self.body["metadata"].get("ownerReferences") or []]

    @property
    def is_root(self) -> bool:
        """Does all that stands below it move with it?"""
        return self.kind.is_root or MOVE_HIERARCHY in self._labels

    @property
    def moves(self) -> bool:
        """Does it move by itself?"""
        return self.is_root or self.kind.moves or MOVE in self._labels

    @property
    def _labels(self) -> Body:
        return self.body["metadata"].get("labels") or {}


Inventory = dict[Key, MovableObject]

CORE_KINDS = tuple(
    MovableKind(ApiResource("", "v1", moved.kind, f"{moved.kind.lower()}s", namespaced=True))
    for moved in MOVED_KINDS
    if not moved.group
)


async def movable_kinds(cluster: KubeCluster) -> list[MovableKind]:
    """The kinds of the namespace that may move. Raises ClusterError."""
    definitions = await cluster.list_all(DEFINITIONS_PATH, {"labelSelector": CLUSTERCTL})
    return [kind for kind in (*map(kind_of, definitions), *CORE_KINDS) if kind.resource.namespaced]


async def list_movable(cluster: KubeCluster, namespace: str) -> Inventory:
    """Every movable object of the namespace now. Raises ClusterError."""
    found: Inventory = {}
    for kind in await movable_kinds(cluster):
        items = (MovableObject(kind, body) for body in await list_if_served(cluster, kind.resource.path(namespace)))
        found |= {item.key: item for item in items}
    return found


def kind_of(definition: Body) -> MovableKind:
    """The kind of a CustomResourceDefinition, in its storage version, as clusterctl has it."""
    spec, labels = definition["spec"], definition["metadata"].get("labels") or {}
    version = next((one["name"] for one in spec["versions"] if one.get("storage")), spec["versions"][0]["name"])
    names = spec["names"]
    resource = ApiResource(spec["group"], version, names["kind"], names["plural"], spec.get("scope") == "Namespaced")
    is_root = (spec["group"], names["kind"]) in ROOTS or MOVE_HIERARCHY in labels
    return MovableKind(resource, moves=is_root or MOVE in labels, is_root=is_root)


def deletion_order(inventory: Inventory, known: Collection[Key] = ()) -> list[MovableObject]:
    """What a move deletes of these objects, each after all that it owns: the groups of the creation in reverse.

    `known` are objects that are to go whatever their labels and owners say now.
    """
    owners = owners_in(inventory)
    moving = {item.key for item in movable(inventory, owners)}.union(known)
    waiting = [item for key, item in inventory.items() if key in moving]
    groups: list[list[MovableObject]] = []
    while waiting:
        uids = {item.uid for item in waiting}
        group = [item for item in waiting if not owners[item.uid] & uids] or waiting
        groups.append(group)
        waiting = [item for item in waiting if item not in group]
    return [item for group in reversed(groups) for item in group]


def owners_in(inventory: Inventory) -> dict[str, set[str]]:
    """The uids of the owners of each object, by its own."""
    return {item.uid: set(owners_of(item, inventory)) for item in inventory.values()}


def movable(inventory: Inventory, owners: dict[str, set[str]]) -> list[MovableObject]:
    """The objects that move by themselves, and all that stand below a root."""
    below = {item.uid for item in inventory.values() if item.is_root}
    pending = list(below)
    while pending:
        owner = pending.pop()
        reached = {uid for uid, above in owners.items() if owner in above} - below
        below |= reached
        pending += reached
    return [item for item in inventory.values() if item.moves or item.uid in below]


def owners_of(item: MovableObject, inventory: Inventory) -> Iterator[str]:
    """The uids of its owners, by reference or by Cluster API's conventions."""
    yield from item.owners
    key = item.key
    cluster, _, purpose = key.name.rpartition("-")
    if key.kind == "Secret" and not item.owners and purpose in SOFT_OWNED:
        owner = Key(*CLUSTER, key.namespace, cluster)
    elif key.kind == "ClusterResourceSetBinding":
        owner = Key(*CLUSTER, key.namespace, str(item.body.get("spec", {}).get("clusterName", "")))
    elif key[:2] == CLUSTER:
        reference = (item.body.get("spec", {}).get("topology") or {}).get("classRef") or {}
        owner = Key(*CLUSTER_CLASS, reference.get("namespace") or key.namespace, str(reference.get("name", "")))
    else:
        return
    if owner in inventory:
        yield inventory[owner].uid
