"""Which kinds a move carries, as the clusters and the mover tell, and which of them nobody watched."""

import re

from harness.journal.facts import SIDES, MoverSaid
from harness.metal3 import CLUSTERCTL
from harness.world.coverage import NotCovered, SightKey
from harness.world.moved_kinds import BESIDE, MOVING, NOT_MOVING, RELATED, bare_name, kind_name, kind_of, references
from harness.world.moved_objects import expected
from harness.world.moves import JudgedMove
from harness.world.world import Version, World, answered_once, remembered

CREATING = re.compile(r'Creating (\w+)="')
SETS: dict[frozenset[str], frozenset[str]] = {}
"""Each set of kinds that objects name, once: all objects of a kind name the same ones."""
SETS_MAX = 10_000
NOT_CARRIED = frozenset({*BESIDE, *NOT_MOVING, "Namespace"})
"""What only tells of a move stays where it is, as what all stands in does; what is made anew there needs no copy."""


@answered_once
def carried_kinds(world: World, leg: JudgedMove) -> dict[str, int]:
    """The kinds that this move carried, each with the entry that tells of it."""
    return kinds_to_carry(world, leg.move.origin, leg.move.since, created(world, leg))


def kinds_to_carry(world: World, origin: str, at: float, said: dict[str, int] | None = None) -> dict[str, int]:
    """The kinds that a move takes along from this cluster, as it stands at a time, each with the entry that tells of it.

    `said`: those of which the mover told; else any that clusterctl finds by the labels of its definition may have objects.
    """
    before = expected(world, origin, at)
    found = {key.kind: version.entry.seq for key, version in before.items()}
    for version in before.values():
        for kind in named_by(version):
            found.setdefault(kind, version.entry.seq)
    for kind, seq in (said or defined(world, origin, at)).items():
        found.setdefault(kind, seq)
    return {kind: seq for kind, seq in found.items() if kind not in NOT_CARRIED}


@remembered
def named_by(version: Version) -> frozenset[str]:
    """The kinds of an object's owners, and of all that its spec names."""
    named = (*references(version.metadata.get("ownerReferences")), *references(version.get("spec")))
    found = frozenset(kind_of(one) for one in named)
    return SETS.setdefault(found, found) if len(SETS) < SETS_MAX else found


def created(world: World, leg: JudgedMove) -> dict[str, int]:
    """The kinds of the objects that the mover said it creates; empty where it does not tell."""
    found: dict[str, int] = {}
    for run in world.movers.values():
        if leg.move.since <= run.started.at <= leg.move.until:
            for entry in run.said:
                match = CREATING.search(entry.fact.line) if isinstance(entry.fact, MoverSaid) else None
                for kind in full_names(world, match[1]) if match else ():
                    found.setdefault(kind, entry.seq)
    return found


@answered_once
def full_names(world: World, kind: str) -> list[str]:
    """The names of a kind of which the mover does not tell the group: bare where it has a home group, else as this run knows it."""
    known = {name for _, name in world.names} | {sight.kind for sight in world.coverage.sights}
    return sorted(name for name in known if name != kind and bare_name(name) == kind) or [kind]


def defined(world: World, origin: str, at: float) -> dict[str, int]:
    """The kinds that clusterctl finds by the labels of their definitions."""
    found = {}
    for _, version in world.living(origin, "CustomResourceDefinition", at=at):
        if version.get("spec", "names", "kind") and CLUSTERCTL in version.labels:
            found[defined_kind(version)] = version.entry.seq
    return found


def defined_kind(definition: Version) -> str:
    """The name of the kind that a CustomResourceDefinition defines."""
    return kind_name(str(definition.get("spec", "names", "kind")), str(definition.get("spec", "group") or ""))


def unwatched(world: World, kinds: dict[str, int], why_needed: str = "carried") -> NotCovered | None:
    """Which of these kinds nobody watched, by name; None where there is none. `why_needed` is what they are."""
    missing = {kind: seq for kind, seq in sorted(kinds.items()) if not all(map(world.coverage.began, both_sides(kind)))}
    if not missing or not any(sight.sight == "kube" for sight in world.coverage.sights):
        return None
    names, verb = ", ".join(missing), "is" if len(missing) == 1 else "are"
    why = [refused for kind in missing for key in both_sides(kind) if (refused := world.coverage.refusal(key))]
    text = f"{names} {verb} {why_needed}, and nobody watched them in both clusters{f' ({why[0].says})' if why else ''}"
    return NotCovered(text, (*missing.values(), *(seq for it in why[:1] for seq in it.evidence)))


def needed_kinds(world: World, leg: JudgedMove) -> list[str]:
    """The kinds whose absence a judgement of this move rests on: all that it carried, all that moves and was seen on either side.

    And all that may move and was watched on both sides when the move began, though no object of it was seen: there may be some, unseen.
    Of a kind that was seen on one side only it is not known what the other had.
    """
    seen = {kind for kind in MOVING if any(world.keys(side, kind) for side in SIDES)}
    told = {sight.kind for sight in world.coverage.sights if sight.sight == "kube" and sight.kind}
    may_move = {*MOVING, *RELATED, *told} - NOT_CARRIED
    watched = {kind for kind in may_move if len(world.coverage.watched_from(leg.move.since, *both_sides(kind))) == len(SIDES)}
    return sorted({key.kind for key in expected(world, leg.move.origin, leg.move.since)} | seen | watched)


def both_sides(kind: str) -> list[SightKey]:
    """The sights on a kind in both clusters."""
    return [SightKey("kube", side, kind) for side in SIDES]
