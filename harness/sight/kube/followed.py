"""Kinds that the clusters themselves name: each is watched in every cluster of the pivot, from the moment when one of them names it.

Three things name a kind: its definition, by a label of clusterctl or by a group of Cluster API or Metal3; an owner reference or another
reference of an object that is watched; and, where a definition has neither, the objects themselves, which are looked at once: are they
labelled to move, or owned by what is watched?
"""

from collections.abc import Callable, Iterable, Iterator

from harness.journal.facts import Body
from harness.kube.absent import list_kind
from harness.kube.cluster import KubeCluster
from harness.kube.errors import ClusterError
from harness.sight.kube.kinds import Kind
from harness.sight.kube.reflector import Reflector
from harness.world.moved_kinds import BESIDE, group_of, is_followed, is_labelled_to_move, kind_of, references

DEFINITION = "CustomResourceDefinition"


class FollowedKinds:
    """What is watched in all clusters of a pivot; each of them has joined with the function that begins a watch of its own."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        """These are watched from the beginning."""
        self._known = {kind.name for kind in kinds}
        self._watch: list[Callable[[Kind], Reflector]] = []
        self._owned: dict[Kind, set[str]] = {}
        """Kinds that are not watched, with the kinds of the owners of their objects."""

    def join(self, watch: Callable[[Kind], Reflector]) -> None:
        """Add a cluster; `watch` begins to watch a kind there."""
        self._watch.append(watch)

    def knows(self, name: str) -> bool:
        """Is a kind of this name watched?"""
        return name in self._known

    def follow(self, kind: Kind) -> list[Reflector]:
        """Watch a kind in every cluster, and what is known to be owned by its objects; the reflectors of all that was not watched yet.

        A definition without a name for its kind defines none; the empty name would mean all of them.
        """
        if not kind.kind or kind.name in self._known:
            return []
        self._known.add(kind.name)
        owned = [it for it, owners in self._owned.items() if kind.name in owners]
        return [*(watch(kind) for watch in self._watch), *(one for it in owned for one in self.follow(it))]

    def look_at(self, kind: Kind, objects: Iterable[Body]) -> list[Reflector]:
        """Watch a kind if one of its objects is labelled to move, or owned by what is watched, now or later."""
        metadata = [one.get("metadata") or {} for one in objects]
        owners = {kind_of(one) for it in metadata for one in references(it.get("ownerReferences"))} - {*BESIDE}
        if any(is_labelled_to_move(it.get("labels") or {}) for it in metadata) or owners & self._known:
            return self.follow(kind)
        self._owned[kind] = owners | self._owned.get(kind, set())
        return []


def defined(definition: Body) -> Kind:
    """The kind that a CustomResourceDefinition defines."""
    spec = definition.get("spec") or {}
    return Kind(str((spec.get("names") or {}).get("kind") or ""), str(spec.get("group") or ""))


def must_follow(definition: Body) -> bool:
    """Does a definition itself tell that its objects may belong to what moves?"""
    return is_followed(defined(definition).group, definition.get("metadata", {}).get("labels") or {})


def named_by(kind: Kind, body: Body) -> Iterator[Kind]:
    """The kinds that an object names as its owners, or anywhere in its spec."""
    if kind.name in BESIDE:
        return
    owners = body.get("metadata", {}).get("ownerReferences")
    for one in (*references(owners), *references(body.get("spec"))):
        yield Kind(str(one["kind"]), str(one.get("apiGroup") or group_of(str(one.get("apiVersion") or ""))))


async def objects_of(cluster: KubeCluster, kind: Kind, namespace: str) -> list[Body]:
    """The objects of a kind in a namespace; none where the cluster does not tell."""
    try:
        return await list_kind(cluster, kind.group, kind.kind, namespace)
    except ClusterError:
        return []
