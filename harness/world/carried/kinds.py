"""Which kinds a move carries, as the clusters and the mover tell, and which of them nobody watched."""

import re

from harness.journal.facts import SIDES, MoverSaid
from harness.metal3 import CLUSTERCTL
from harness.world.coverage import NotCovered, SightKey
from harness.world.moved_objects import MOVING, REMADE, expected
from harness.world.moves import JudgedMove
from harness.world.world import Version, World, answered_once, dig

CREATING = re.compile(r'Creating (\w+)="')
REFERENCES = (
    ("spec", "controlPlaneRef", "kind"),
    ("spec", "infrastructureRef", "kind"),
    ("spec", "bootstrap", "configRef", "kind"),
    ("spec", "template", "spec", "infrastructureRef", "kind"),
    ("spec", "template", "spec", "bootstrap", "configRef", "kind"),
)
"""Where Cluster API's objects name others that belong to them."""

NOT_CARRIED = frozenset({"Provider", *REMADE})
"""clusterctl leaves its own inventory where it is; what is made anew there needs no copy."""


@answered_once
def carried_kinds(world: World, leg: JudgedMove) -> dict[str, int]:
    """The kinds that this move carried, each with the entry that tells of it."""
    before = expected(world, leg.move.origin, leg.move.since)
    found = {key.kind: version.entry.seq for key, version in before.items()}
    for version in before.values():
        for kind in named_by(version):
            found.setdefault(kind, version.entry.seq)
    said = created(world, leg)
    for kind, seq in (said or defined(world, leg)).items():
        found.setdefault(kind, seq)
    return {kind: seq for kind, seq in found.items() if kind not in NOT_CARRIED}


def named_by(version: Version) -> set[str]:
    """The kinds of an object's owners, and of what its spec says belongs to it."""
    owners = {str(one.get("kind")) for one in version.metadata.get("ownerReferences") or [] if one.get("kind")}
    return owners | {str(kind) for path in REFERENCES if (kind := dig(version.body, *path))}


def created(world: World, leg: JudgedMove) -> dict[str, int]:
    """The kinds of the objects that the mover said it creates; empty where it does not tell."""
    found: dict[str, int] = {}
    for run in world.movers.values():
        if leg.move.since <= run.started.at <= leg.move.until:
            for entry in run.said:
                match = CREATING.search(entry.fact.line) if isinstance(entry.fact, MoverSaid) else None
                if match:
                    found.setdefault(match[1], entry.seq)
    return found


def defined(world: World, leg: JudgedMove) -> dict[str, int]:
    """The kinds that clusterctl finds by the labels of their definitions, as far as these tell: any of them may have had objects."""
    found = {}
    for _, version in world.living(leg.move.origin, "CustomResourceDefinition", at=leg.move.since):
        kind = version.get("spec", "names", "kind")
        if kind and CLUSTERCTL in version.labels:
            found[str(kind)] = version.entry.seq
    return found


def unwatched(world: World, leg: JudgedMove) -> NotCovered | None:
    """The kinds that were carried and that nobody watched, by name; None where there is none."""
    missing = {
        kind: seq
        for kind, seq in sorted(carried_kinds(world, leg).items())
        if not all(world.coverage.began(SightKey("kube", side, kind)) for side in SIDES)
    }
    if not missing or not any(sight.sight == "kube" for sight in world.coverage.sights):
        return None
    names = ", ".join(missing)
    return NotCovered(
        f"{names} {'is' if len(missing) == 1 else 'are'} carried, and nobody watched them in both clusters",
        tuple(missing.values()),
    )


def needed_kinds(world: World, leg: JudgedMove) -> list[str]:
    """The kinds whose absence a judgement of this move rests on: all that it carried, and all that moves and was seen on either side.

    Of a kind that was seen on one side only it is not known what the other had.
    """
    seen = {kind for kind in MOVING if any(world.keys(side, kind) for side in SIDES)}
    return sorted({key.kind for key in expected(world, leg.move.origin, leg.move.since)} | seen)
