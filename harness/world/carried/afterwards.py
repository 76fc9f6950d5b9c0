"""What was changed in the destination after an object had arrived, and by whom.

What cannot harm a server is a note: users and controllers go on with their work. What harms it is a failure, whoever did it, and even if
it lasted for one version only.
"""

from fnmatch import fnmatch
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from harness.metal3 import CLUSTER_NAME, MOVE, MOVE_HIERARCHY, PAUSED
from harness.world.carried.arrival import copies
from harness.world.carried.equality import FELT_LATER, changed_parts, comparable, differing, parts, surely_alike
from harness.world.changes.authors import author
from harness.world.coverage import SightKey
from harness.world.moved_kinds import kind_of
from harness.world.moved_objects import ObjectMismatch
from harness.world.moves import JudgedMove
from harness.world.releases import released_at
from harness.world.world import ObjectKey, Version, World, answered_once

HARMFUL: dict[str, tuple[str, ...]] = {
    "BareMetalHost": ("spec.*", f"label {CLUSTER_NAME}", f"label {MOVE}", f"label {MOVE_HIERARCHY}", f"annotation {PAUSED}"),
    "Metal3Machine": ("spec.providerID", "spec.image", "annotation metal3.io/BareMetalHost"),
    "Machine": ("spec.providerID", "spec.infrastructureRef", "spec.bootstrap", "spec.clusterName"),
    "Cluster": ("spec.infrastructureRef", "spec.controlPlaneRef", "spec.controlPlaneEndpoint"),
    "HardwareData": ("spec.*",),
    "IPAddress": ("spec.*",),
    "IPClaim": ("spec.*",),
    "Metal3Data": ("spec.*",),
    "Metal3DataClaim": ("spec.*",),
}
"""By kind, the parts on which a server, its identity or its address depends."""

HARMLESS = ("spec.automatedCleaningMode", "spec.description", "spec.taints")
"""Members of a host's spec that no server feels while it runs: they hold for its next life."""

ALWAYS_HARMFUL = ("owner *", "finalizer *", f"label {CLUSTER_NAME}")
"""Of any kind, when they are lost or are others: garbage collection takes the object, it goes without cleaning up, or its Cluster's
controllers do not find it any more."""


class Since(NamedTuple):
    """What became of an object since it arrived: what harms, and what is only told."""

    harm: list[ObjectMismatch]
    notes: list[str]


def since_arrival(world: World, key: ObjectKey, leg: JudgedMove) -> Since:
    """Every change of a carried object in the destination, from its first version on."""
    found = Since([], [])
    side = leg.move.destination
    timeline = copies(world, key, leg)
    released = released_at(world, key.in_cluster(side), world.timeline(side, *key[1:]))
    for before, after in pairwise(timeline):
        if after.entry.at >= released or after.deleting or surely_alike(before, after) or not comparable(before, after):
            continue
        old, new = changed_parts(before, after, key.kind)
        for part in differing(old, new):
            text = f"{key.kind} {key.name}: {part} was {how(part in old, part in new)} in the {side} at {after.entry.at:.1f} s, "
            text += author(world, after, part)
            if harms(key.kind, part, had=part in old) and not is_own_pause(part, timeline[0], key.kind):
                found.harm.append(ObjectMismatch(key, text, (before.entry.seq, after.entry.seq), seen=True))
            elif after.entry.since > leg.move.until:
                found.notes.append(text)
    found.harm.extend(wrong for it in timeline if it.entry.at < released and (wrong := dangling(world, key, side, it)))
    return found._replace(harm=found.harm[:2])


def how(had: bool, has: bool) -> str:
    """The word for a change of a part."""
    return "changed" if had and has else "removed" if had else "set"


@lru_cache(maxsize=1 << 14)
def harms(kind: str, part: str, *, had: bool) -> bool:
    """Can this change harm a server? A part that a controller fills in for the first time harms nothing but a host."""
    if had and any(fnmatch(part, pattern) for pattern in ALWAYS_HARMFUL):
        return True
    if kind == "BareMetalHost":
        return (
            part not in FELT_LATER
            and any(fnmatch(part, pattern) for pattern in HARMFUL[kind])
            and (had or part.startswith("spec"))
        )
    return had and any(fnmatch(part, pattern) for pattern in HARMFUL.get(kind, ()))


def is_own_pause(part: str, arrived: Version, kind: str) -> bool:
    """Is this a pause that was not there on arrival? Whoever sets it afterwards may take it away again."""
    return part == f"annotation {PAUSED}" and part not in parts(arrived, kind)


def dangling(world: World, key: ObjectKey, side: str, version: Version) -> ObjectMismatch | None:
    """An owner whose uid no object of this cluster has: the garbage collector deletes what it owns."""
    for owner in version.metadata.get("ownerReferences") or []:
        uid, kind = owner.get("uid"), kind_of(owner)
        if not uid or uid in known_uids(world)[side] or not watched(world, side, kind):
            continue
        # An owner that came while nobody looked is none that is not there.
        blind = world.not_covered(SightKey("kube", side, kind), needed_until=version.entry.at)
        who = author(world, version, "owner")
        text = f"{key.kind} {key.name} is owned by {kind} {owner.get('name')}, which does not exist in the {side}; {who}"
        return ObjectMismatch(key, text, (version.entry.seq,), unsure=blind is not None)
    return None


def watched(world: World, side: str, kind: str) -> bool:
    """Was this kind watched there?"""
    return world.coverage.began(SightKey("kube", side, kind))


@answered_once
def known_uids(world: World) -> dict[str, set[str]]:
    """Every uid that an object of a cluster had."""
    found: dict[str, set[str]] = {"source": set(), "target": set(), "workload": set()}
    for key, timeline in world.objects.items():
        found.setdefault(key.cluster, set()).update(uid for it in timeline if (uid := it.metadata.get("uid")))
    return found
