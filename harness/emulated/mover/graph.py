"""What a move takes along, and in which order: a pure function of the objects, their labels and their owners.

The rules are those of `clusterctl move` (contract v1beta2, release 1.13.5 and later), its silent omissions included: an object
with one owner that does not move stays behind, and nobody says so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

Body = dict[str, Any]

DISCOVERED = "clusterctl.cluster.x-k8s.io"
MOVE = "clusterctl.cluster.x-k8s.io/move"
MOVE_HIERARCHY = "clusterctl.cluster.x-k8s.io/move-hierarchy"
BLOCK_MOVE = "clusterctl.cluster.x-k8s.io/block-move"

CLUSTER = ("cluster.x-k8s.io", "Cluster")
MACHINE = ("cluster.x-k8s.io", "Machine")
CLUSTER_CLASS = ("cluster.x-k8s.io", "ClusterClass")
RESOURCE_SET = ("addons.cluster.x-k8s.io", "ClusterResourceSet")
RESOURCE_SET_BINDING = ("addons.cluster.x-k8s.io", "ClusterResourceSetBinding")
HIERARCHY_KINDS = frozenset({CLUSTER, CLUSTER_CLASS, RESOURCE_SET})

# The last dash of a name divides it, so `apiserver-etcd-client` is never found: upstream's defect, kept.
SECRET_SUFFIXES = frozenset({"kubeconfig", "ca", "etcd", "sa", "proxy", "apiserver-etcd-client"})


def group_of(api_version: str) -> str:
    """`metal3.io` of `metal3.io/v1alpha1`; empty for core kinds."""
    return api_version.rpartition("/")[0]


@dataclass(frozen=True)
class MovableType:
    """One kind that discovery lists: the CRD's storage version, its scope, and what its labels force."""

    api_version: str
    kind: str
    namespaced: bool = True
    move: bool = False
    hierarchy: bool = False

    @property
    def key(self) -> str:
        """Upstream's own plural, which is no real one: `hardwaredatas.metal3.io`, `secrets.v1`."""
        return _type_key(self.api_version, self.kind)


CORE_TYPES = (MovableType("v1", "Secret"), MovableType("v1", "ConfigMap"))


@dataclass(frozen=True)
class OwnerAttributes:
    """The two flags of an ownerReference that are carried over; None where it does not have them."""

    controller: bool | None = None
    block_owner_deletion: bool | None = None


@dataclass(eq=False)
class GraphNode:
    """One object of the graph. A `virtual` one is known from an ownerReference only."""

    api_version: str
    kind: str
    name: str
    uid: str
    namespace: str = ""
    virtual: bool = False
    owners: dict["GraphNode", OwnerAttributes] = field(default_factory=dict)
    soft_owners: list["GraphNode"] = field(default_factory=list)
    tenants: set["GraphNode"] = field(default_factory=set)
    force_move: bool = False
    force_hierarchy: bool = False
    is_global: bool = False
    global_hierarchy: bool = False
    blocking: bool = False
    keep_in_source: bool = False
    cluster_class: tuple[str, str] | None = None
    bound_cluster: str = ""
    new_uid: str = ""

    @property
    def group_kind(self) -> tuple[str, str]:
        """(API group, kind)."""
        return group_of(self.api_version), self.kind

    @property
    def all_owners(self) -> list["GraphNode"]:
        """Owners by reference and owners by convention."""
        return [*self.owners, *self.soft_owners]

    @property
    def is_deleted(self) -> bool:
        """True where a move deletes it from the source after copying."""
        return not (self.is_global or self.global_hierarchy or self.keep_in_source)

    def __str__(self) -> str:
        place = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {place}{self.name}"


@dataclass(frozen=True)
class Prediction:
    """What a move will do: groups in order of creation, and the candidates left behind silently, each with the owners that hold it back."""

    groups: list[list[GraphNode]]
    obstacles: dict[GraphNode, list[GraphNode]]

    @property
    def moved(self) -> list[GraphNode]:
        """All that arrives in the target."""
        return [node for group in self.groups for node in group]

    @property
    def deleted(self) -> list[GraphNode]:
        """All that leaves the source, in order of deletion."""
        return [node for group in reversed(self.groups) for node in group if node.is_deleted]


def movable_types(definitions: Iterable[Body]) -> list[MovableType]:
    """The types that labelled CustomResourceDefinitions make discoverable, and Secret and ConfigMap."""
    found = [_type_of(definition) for definition in definitions if DISCOVERED in _labels(definition)]
    return [*found, *CORE_TYPES]


def _type_of(definition: Body) -> MovableType:
    spec, labels = definition["spec"], _labels(definition)
    version = next((one["name"] for one in spec["versions"] if one.get("storage")), "")
    kind = spec["names"]["kind"]
    hierarchy = (spec["group"], kind) in HIERARCHY_KINDS or MOVE_HIERARCHY in labels
    return MovableType(
        api_version=f"{spec['group']}/{version}",
        kind=kind,
        namespaced=spec.get("scope", "Namespaced") == "Namespaced",
        move=hierarchy or MOVE in labels,
        hierarchy=hierarchy,
    )


class Graph:
    """Objects and their owners. Use: `add` all, then `close`, then `predict`."""

    def __init__(self, types: Iterable[MovableType]) -> None:
        self._types = {one.key: one for one in types}
        self._nodes: dict[str, GraphNode] = {}

    def __iter__(self) -> Iterator[GraphNode]:
        return iter(list(self._nodes.values()))

    def __len__(self) -> int:
        return len(self._nodes)

    def of(self, group_kind: tuple[str, str]) -> list[GraphNode]:
        """Nodes of one group and kind, virtual ones included."""
        return [node for node in self if node.group_kind == group_kind]

    def add(self, body: Body) -> GraphNode:
        """Take an object in. One that an ownerReference named before keeps the apiVersion of that reference."""
        metadata = body["metadata"]
        node = self._nodes.get(metadata["uid"])
        if node is None:
            node = GraphNode(body["apiVersion"], body["kind"], metadata["name"], metadata["uid"])
            self._nodes[node.uid] = node
        node.virtual = False
        node.namespace = metadata.get("namespace", "")
        _set_flags(node, body, self._types.get(_type_key(body["apiVersion"], body["kind"])))
        for reference in metadata.get("ownerReferences") or []:
            node.owners[self._owner(reference)] = OwnerAttributes(
                reference.get("controller"), reference.get("blockOwnerDeletion")
            )
        return node

    def close(self, namespace: str = "", clusters_elsewhere: Iterable[Body] = ()) -> list[str]:
        """Add owners by convention, tenants and what stays in the source.

        Returns the names of secrets that belong to no Cluster.
        """
        unclaimed = self._soften()
        children = self._children()
        for root in self:
            if root.force_hierarchy:
                _enter(root, children)
        if namespace:
            self._keep_shared(namespace, clusters_elsewhere)
        return unclaimed

    def candidates(self) -> list[GraphNode]:
        """What is meant to move: tenants of a hierarchy, and objects forced by a label."""
        return [node for node in self if node.tenants or node.force_move]

    def predict(self) -> Prediction:
        """Group by group: whatever has all its owners in earlier groups."""
        waiting, done = self.candidates(), set[GraphNode]()
        groups: list[list[GraphNode]] = []
        while group := [node for node in waiting if done.issuperset(node.all_owners)]:
            groups.append(group)
            done.update(group)
            waiting = [node for node in waiting if node not in done]
        obstacles = {node: [owner for owner in node.all_owners if owner not in done] for node in waiting}
        return Prediction(groups, obstacles)

    def _owner(self, reference: Body) -> GraphNode:
        uid = reference["uid"]
        if uid not in self._nodes:
            self._nodes[uid] = GraphNode(reference["apiVersion"], reference["kind"], reference["name"], uid, virtual=True)
        return self._nodes[uid]

    def _soften(self) -> list[str]:
        clusters = {(one.namespace, one.name): one for one in self.of(CLUSTER)}
        classes = {(one.namespace, one.name): one for one in self.of(CLUSTER_CLASS)}
        unclaimed = []
        for node in self:
            if node.api_version == "v1" and node.kind == "Secret" and not node.owners:
                prefix, _, suffix = node.name.rpartition("-")
                owner = clusters.get((node.namespace, prefix)) if suffix in SECRET_SUFFIXES else None
                if owner is None:
                    unclaimed.append(node.name)
            elif node.group_kind == RESOURCE_SET_BINDING:
                owner = clusters.get((node.namespace, node.bound_cluster))
            else:
                owner = classes.get(node.cluster_class) if node.cluster_class else None
            if owner is not None:
                node.soft_owners.append(owner)
        return unclaimed

    def _children(self) -> dict[GraphNode, list[GraphNode]]:
        children: dict[GraphNode, list[GraphNode]] = {}
        for node in self:
            for owner in node.all_owners:
                children.setdefault(owner, []).append(node)
        return children

    def _keep_shared(self, namespace: str, clusters_elsewhere: Iterable[Body]) -> None:
        used = set()
        for cluster in clusters_elsewhere:
            reference = (cluster.get("spec", {}).get("topology") or {}).get("classRef") or {}
            if cluster["metadata"].get("namespace") != namespace and reference.get("namespace") == namespace:
                used.add(reference.get("name"))
        for node in self.of(CLUSTER_CLASS):
            if node.namespace != namespace or node.name in used:
                self._keep(node)

    def _keep(self, node: GraphNode) -> None:
        if not node.keep_in_source:
            node.keep_in_source = True
            for child in self:
                if node in child.owners:
                    self._keep(child)


def _set_flags(node: GraphNode, body: Body, movable: MovableType | None) -> None:
    labels = _labels(body)
    node.force_move |= MOVE in labels or (movable is not None and movable.move)
    node.force_hierarchy |= MOVE_HIERARCHY in labels or (movable is not None and movable.hierarchy)
    node.is_global = movable is not None and not movable.namespaced
    node.blocking |= BLOCK_MOVE in (body["metadata"].get("annotations") or {})
    if node.group_kind == CLUSTER:
        node.cluster_class = class_of(body)
    elif node.group_kind == RESOURCE_SET_BINDING:
        node.bound_cluster = body.get("spec", {}).get("clusterName", "")


def _enter(root: GraphNode, children: dict[GraphNode, list[GraphNode]]) -> None:
    # A list in place of recursion, and each tenant only once: an ownership cycle must not end the mover.
    pending = [root]
    while pending:
        node = pending.pop()
        if root not in node.tenants:
            node.tenants.add(root)
            node.global_hierarchy |= root.is_global
            pending.extend(children.get(node, []))


def class_of(cluster: Body) -> tuple[str, str] | None:
    """(namespace, name) of the ClusterClass that a Cluster is made from, or None."""
    topology = cluster.get("spec", {}).get("topology")
    if not topology:
        return None
    reference = topology.get("classRef") or {"name": topology.get("class", "")}
    return reference.get("namespace") or cluster["metadata"].get("namespace", ""), reference.get("name", "")


def _type_key(api_version: str, kind: str) -> str:
    return f"{kind.lower()}s.{api_version.partition('/')[0]}"


def _labels(body: Body) -> Body:
    return body["metadata"].get("labels") or {}
