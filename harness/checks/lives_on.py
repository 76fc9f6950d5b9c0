"""Every object that was carried has one life in its new cluster: it is not deleted, marked for deletion, or made anew.

A Machine or host that is deleted after its arrival is deprovisioned; one that is deleted and made anew is provisioned again. The Cluster
that its user deletes releases its own objects, if it is known who did it.
"""

from collections import defaultdict
from collections.abc import Iterator

from harness.judgement import Judgement, failed, passed, unknown
from harness.world.carried.kinds import needed_kinds
from harness.world.changes.authors import deleted_by, deletions
from harness.world.coverage import SightKey
from harness.world.horizon import all_needed_until
from harness.world.hosts import promised
from harness.world.moved_objects import ObjectMismatch, expected, owner_host
from harness.world.moves import JudgedMove, judged_moves, tried_since
from harness.world.releases import held_until, released_at
from harness.world.world import ObjectKey, Timeline, Version, World, version_at

ORDER = 85
NEEDS_MOVE = True

SHOWN = 4
FOUNDATIONS = ("CustomResourceDefinition", "Namespace")
"""Kinds on whose objects all rests that was carried."""


def check(world: World) -> Iterator[Judgement]:
    """One judgement a promised host (its own objects), and one about all the rest."""
    for leg in judged_moves(world):
        yield from of_leg(world, leg)


def of_leg(world: World, leg: JudgedMove) -> Iterator[Judgement]:
    """The lives that one move began, up to the next move or the end."""
    before = expected(world, leg.move.origin, leg.move.since)
    hosts = {host.name: host for host in promised(world)}
    ends: dict[str | None, list[ObjectMismatch]] = defaultdict(list)
    for key in before:
        ended = end_of_life(world, key, leg) or unseen_end(world, key, leg)
        owner = owner_host(world, key)
        if ended and (owner is None or owner in hosts):
            ends[owner].append(ended)
    side = leg.move.destination
    ends[None].extend(foundations_ended(world, before, leg))
    kinds = needed_kinds(world, leg)
    # What was not seen to leave would not be missed here.
    left = world.not_covered(*(SightKey("kube", leg.move.origin, kind) for kind in kinds), needed_from=leg.move.since)
    keys = [SightKey("kube", side, kind) for kind in kinds]
    keys += world.coverage.watched_from(leg.move.since, *(SightKey("kube", side, kind) for kind in FOUNDATIONS))
    blind = left or world.not_covered(*keys, needed_from=leg.move.since, needed_until=all_needed_until(world))
    for name in (*hosts, None):
        certain = [it for it in ends[name] if not it.unsure]
        if ends[name]:
            told = certain or ends[name]
            evidence = sorted({seq for it in told for seq in it.evidence})
            yield (failed if certain else unknown)("; ".join(it.says for it in told[:SHOWN]), name, evidence)
        elif blind or not before:
            yield unknown(
                blind.says if blind else "no object that moves was seen before the move", name, blind.evidence if blind else ()
            )
        else:
            yield passed(f"what arrived in the {side} lives on", name, leg.move.evidence)


def foundations_ended(world: World, before: dict[ObjectKey, Version], leg: JudgedMove) -> Iterator[ObjectMismatch]:
    """Definitions and namespaces of what was carried that are deleted in the destination: all that rests on them goes with them."""
    side = leg.move.destination
    kinds, namespaces = {key.kind for key in before}, {key.namespace for key in before}
    for key in (key for kind in FOUNDATIONS for key in world.keys(side, kind)):
        timeline = [it for it in world.objects[key] if it.entry.since < leg.until]
        bears = key.name in namespaces or any(it.get("spec", "names", "kind") in kinds for it in timeline)
        for version in timeline if bears else ():
            what = sign(version, version)
            if what and version.entry.at > leg.move.since:
                text = f"{key.kind} {key.name} {what} in the {side} at {version.entry.at:.1f} s, {deleted_by(world, version)}"
                yield ObjectMismatch(key, f"{text}; all that rests on it goes with it", (version.entry.seq,), seen=True)
                break


def end_of_life(world: World, key: ObjectKey, leg: JudgedMove) -> ObjectMismatch | None:
    """The first sign that an object's life in the destination ended; None if it lives on, or was released."""
    timeline = arrived(world, key, leg)
    released = released_at(world, key.in_cluster(leg.move.destination), timeline)
    for version in timeline:
        if version.entry.at >= released:
            return None
        what = sign(timeline[0], version)
        if what:
            whose = deleted_by(world, version)
            text = f"{key.kind} {key.name} {what} in the {leg.move.destination} at {version.entry.at:.1f} s, {whose}"
            return ObjectMismatch(key, text, (timeline[0].entry.seq, version.entry.seq), seen=True)
    return None


def unseen_end(world: World, key: ObjectKey, leg: JudgedMove) -> ObjectMismatch | None:
    """A deletion that the audit log tells of and that no version shows: the two contradict each other."""
    side = leg.move.destination
    timeline = world.timeline(side, *key[1:])
    last, until = version_at(timeline, leg.until), held_until(world, key.in_cluster(side), timeline, leg.until)
    for entry, write in deletions(world, key.in_cluster(side)):
        if last and last.alive and not last.deleting and leg.move.until < entry.since and entry.at < until:
            text = f"{key.kind} {key.name} was to be deleted in the {side} at {entry.at:.1f} s by {write.user}, by the audit log"
            return ObjectMismatch(key, f"{text}, and was not seen to go", (last.entry.seq, entry.seq), unsure=True)
    return None


def arrived(world: World, key: ObjectKey, leg: JudgedMove) -> Timeline:
    """Its versions in the destination from its arrival to the next move."""
    tried = tried_since(world, leg.move)
    return [it for it in world.timeline(leg.move.destination, *key[1:]) if tried < it.entry.at and it.entry.since < leg.until]


def sign(first: Version, version: Version) -> str:
    """How this version shows that the life of the first one ended; empty if it does not."""
    if not version.alive:
        return "was deleted"
    if version.deleting:
        return "is marked for deletion"
    born, now = first.metadata.get("uid"), version.metadata.get("uid")
    return "was made anew" if born and now and born != now else ""
