"""What a move takes along, what stays, what is made anew, and what is lost: foretold from what stands before it, and as it came."""

from collections import Counter
from typing import NamedTuple

from harness.metal3 import CLUSTERCTL
from harness.world.carried.kinds import defined_kind
from harness.world.carried.wishes import UserWish, asked, cure, lost
from harness.world.moved_kinds import BESIDE, MOVED_KINDS, RELATED, is_labelled_to_move
from harness.world.moved_objects import expected, goes_along, identity, in_scope
from harness.world.moves import JudgedMove
from harness.world.releases import held_version
from harness.world.world import ObjectKey, Version, World, version_at

REMADE = tuple(one.kind for one in MOVED_KINDS if one.carried == "remade")
OWN_MAP = "kube-root-ca.crt"
"""The ConfigMap that every namespace has of its own."""


SHOWN = 3
NOT_FOUND = "clusterctl does not see it, since its definition has no label"
LABEL = "kubectl label crd"


class Loss(NamedTuple):
    """Something that its user wrote and that the destination will not have, or has not: which part, and how it is kept."""

    kind: str
    name: str
    host: str
    what: str
    cure: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.what} (cure: {self.cure})"


class Fates(NamedTuple):
    """How many objects of each kind move, stay in the origin, and are made anew in the destination; and each loss."""

    moved: dict[str, int]
    stayed: dict[str, int]
    made_anew: dict[str, int]
    lost: list[Loss]


def foretold(world: World, origin: str) -> Fates:
    """What a move from this cluster would do with what stands there now."""
    at = world.now
    before = expected(world, origin, at)
    definitions = {defined_kind(it): (key.name, it) for key, it in world.living(origin, "CustomResourceDefinition")}
    unfound = {
        key for key in before if key.kind not in RELATED and key.kind in definitions and not found(definitions[key.kind][1])
    }
    losses = [
        Loss(
            kind,
            some(sorted(key.name for key in unfound if key.kind == kind)),
            "",
            NOT_FOUND,
            f"{LABEL} {definitions[kind][0]} {CLUSTERCTL}=",
        )
        for kind in {key.kind for key in unfound}
    ]
    others = besides(world, origin, at, before)
    owners = {identity(key) for key in before}
    labelled = {key for key, it in others.items() if key.kind in definitions and moves(definitions[key.kind][1], key, it, owners)}
    losses += [loss_of(world, wish) for wish in asked(world, origin, at) if wish.key not in labelled]
    return told(
        [*(key for key in before if key not in unfound), *labelled], [key for key in others if key not in labelled], losses
    )


def befallen(world: World, leg: JudgedMove) -> Fates:
    """What one move did with what stood in its origin when it began."""
    before = expected(world, leg.move.origin, leg.move.since)
    others = besides(world, leg.move.origin, leg.move.since, before)
    moved, left, gone = [], [], []
    for key in (*before, *others):
        there = held_version(world, key.in_cluster(leg.move.destination), leg.until)
        here = version_at(world.objects[key], leg.until)
        if there and there.alive and key.kind not in REMADE:
            moved.append(key)
        elif (here and here.alive) or (there and there.alive):
            left.append(key)
        elif key in before:
            gone.append(Loss(key.kind, key.name, "", "the whole object", "apply it again"))
    return told(moved, left, [*gone, *(loss_of(world, wish) for wish in lost(world, leg))])


def some(names: list[str]) -> str:
    """The first few names, and how many more there are."""
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def told(moved: list[ObjectKey], others: list[ObjectKey], losses: list[Loss]) -> Fates:
    """Counted by kind."""
    missed = {(loss.kind, loss.name) for loss in losses}
    stayed = [key for key in others if (key.kind, key.name) not in missed and key.kind not in REMADE]
    return Fates(counted(moved), counted(stayed), counted([key for key in others if key.kind in REMADE]), sorted(losses))


def counted(keys: list[ObjectKey]) -> dict[str, int]:
    """How many of each kind, by its name."""
    return dict(sorted(Counter(key.kind for key in keys).items()))


def besides(world: World, origin: str, at: float, before: dict[ObjectKey, Version]) -> dict[ObjectKey, Version]:
    """What else stood in the namespaces of what moves."""
    namespaces = {key.namespace for key in before}
    return {
        key: version
        for cluster, kind in world.names
        if cluster == origin and kind not in BESIDE
        for key, version in world.living(origin, kind, at=at)
        if key not in before and in_scope(world, key) and key.namespace in namespaces and key.name != OWN_MAP
    }


def found(definition: Version) -> bool:
    """Does clusterctl find this definition's objects?"""
    return CLUSTERCTL in definition.labels


def moves(definition: Version, key: ObjectKey, version: Version, owners: set[ObjectKey]) -> bool:
    """Do the labels of its definition, or its own, take this object along, though upstream's would not?"""
    return found(definition) and (is_labelled_to_move(definition.labels) or goes_along(key, version, owners))


def loss_of(world: World, wish: UserWish) -> Loss:
    """A wish that is lost."""
    host = wish.host.name if wish.host in world.objects else ""
    return Loss(wish.key.kind, wish.key.name, host, f"spec ({', '.join(wish.members)})", cure(world, wish))
