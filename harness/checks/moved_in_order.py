"""The move kept its order: nothing was copied before it was paused, or deleted before its copy stood, or reconciled before its Cluster.

Each Cluster is paused before the first object is created; each claimed host carries its pause and its status annotation before its copy
is made; each carried object exists in the destination before it goes from the origin; no claimed host's copy is acted on before a Cluster
there is un-paused. Across clusters only what is certain by the intervals of both entries breaks the order.
"""

from collections.abc import Iterator
from typing import NamedTuple

from harness.journal.facts import SIDES
from harness.judgement import Judgement, failed, passed, unknown
from harness.metal3 import PAUSED, STATUS
from harness.world.changes.authors import author
from harness.world.coverage import NotCovered, SightKey
from harness.world.hosts import Host, promised
from harness.world.moved_objects import expected
from harness.world.moves import JudgedMove, judged_moves, tried_since
from harness.world.world import ObjectKey, Timeline, Version, World, versions_during

ORDER = 60
NEEDS_MOVE = True


class Disorder(NamedTuple):
    """What broke the order, and the entries that show it."""

    says: str
    evidence: tuple[int, ...]


def check(world: World) -> Iterator[Judgement]:
    """One judgement about each move as a whole, and one a promised host and move."""
    for leg in judged_moves(world):
        kinds = sorted({"Cluster", "BareMetalHost", *(key.kind for key in expected(world, leg.move.origin, leg.move.since))})
        needed = (SightKey("kube", side, kind) for side in SIDES for kind in kinds)
        blind = world.not_covered(*needed, needed_from=leg.move.since)
        yield judged(leg, None, of_move(world, leg), blind)
        for host in promised(world):
            copy = copy_of(world, ObjectKey(leg.move.origin, "BareMetalHost", host.namespace, host.object_name), leg)
            missing = NotCovered(f"no copy of it was made in the {leg.move.destination}", leg.move.evidence)
            yield judged(leg, host.name, of_host(world, host, leg, copy) if copy else None, blind if copy else missing)


def judged(leg: JudgedMove, host: str | None, wrong: Disorder | None, blind: NotCovered | None) -> Judgement:
    """A break that was seen fails; else what was not seen is unknown."""
    if wrong and not blind:
        return failed(wrong.says, host, wrong.evidence)
    if blind:
        return unknown(blind.says, host, blind.evidence)
    return passed(f"the move from {leg.move.origin} to {leg.move.destination} kept its order", host, leg.move.evidence)


def of_move(world: World, leg: JudgedMove) -> Disorder | None:
    """The first break of the order that is no single host's."""
    if not leg.move.done:
        return None
    before = expected(world, leg.move.origin, leg.move.since)
    created = {key: first for key in before if (first := copy_of(world, key, leg))}
    if not created:
        return None
    first = min(created.values(), key=lambda version: version.entry.at)
    pauses = (not_paused(world, key, leg, first) for key in before if key.kind == "Cluster")
    deletions = (gone_before(world, key, leg, copy) for key, copy in created.items())
    return next((wrong for wrong in (*pauses, *deletions) if wrong), None)


def copy_of(world: World, key: ObjectKey, leg: JudgedMove) -> Version | None:
    """The first version of a carried object in the destination, where its creation was seen."""
    timeline, tried = world.timeline(leg.move.destination, *key[1:]), tried_since(world, leg.move)
    return next((it for it in timeline if it.entry.at > tried and getattr(it.entry.fact, "change", "") == "added"), None)


def not_paused(world: World, key: ObjectKey, leg: JudgedMove, first: Version) -> Disorder | None:
    """A Cluster that was not paused in its origin when the first object was created, or not until it went."""
    timeline = [it for it in world.objects[key] if it.entry.at < leg.until and it.alive]
    current = versions_during(timeline, first)
    if current and not any(it.get("spec", "paused") for it in current):
        text = f"{key.kind} {key.name} was not paused in the {key.cluster} when the first object was created in the {leg.move.destination}"
        return Disorder(text, (current[-1].entry.seq, first.entry.seq))
    for version in timeline:
        if version.entry.since > max(first.entry.at, leg.move.since) and not version.get("spec", "paused"):
            whose = author(world, version, "spec.paused")
            when = f"in the middle of the move, at {version.entry.at:.1f} s"
            text = f"{key.kind} {key.name} was un-paused in the {key.cluster} {when}, {whose}"
            return Disorder(text, (version.entry.seq,))
    return None


def gone_before(world: World, key: ObjectKey, leg: JudgedMove, copy: Version) -> Disorder | None:
    """An object that was deleted from its origin before its copy can have been made."""
    gone = next((it for it in world.objects[key] if it.entry.at > leg.move.since and not it.alive), None)
    if gone is None or gone.entry.at >= copy.entry.since:
        return None
    text = f"{key.kind} {key.name} was deleted from the {key.cluster} before it stood in the {leg.move.destination}"
    return Disorder(text, (gone.entry.seq, copy.entry.seq))


def of_host(world: World, host: Host, leg: JudgedMove, copy: Version) -> Disorder | None:
    """Was it paused with its status before its copy was made, and its copy left alone until a Cluster there was un-paused?"""
    key = ObjectKey(leg.move.origin, "BareMetalHost", host.namespace, host.object_name)
    current = versions_during([it for it in world.objects.get(key, []) if it.alive], copy)
    marked = any(PAUSED in it.annotations and STATUS in it.annotations for it in current)
    if current and host.claimed and not marked:
        text = f"its copy was made in the {leg.move.destination} before it was paused with its status in the {leg.move.origin}"
        return Disorder(text, (current[-1].entry.seq, copy.entry.seq))
    return acted_on_early(world, host, leg, copy)


def acted_on_early(world: World, host: Host, leg: JudgedMove, copy: Version) -> Disorder | None:
    """A copy that lost its pause, or got a status, before any Cluster of the destination was un-paused."""
    side = leg.move.destination
    unpaused = min(
        (since for key in world.keys(side, "Cluster") if (since := unpaused_since(world.objects[key], copy)) is not None),
        default=None,
    )
    if unpaused is None:
        return None
    for version in world.timeline(side, "BareMetalHost", host.namespace, host.object_name):
        acted = PAUSED not in version.annotations or version.get("status", "provisioning", "state")
        if copy.entry.seq <= version.entry.seq and version.alive and acted and version.entry.at < unpaused:
            whose = author(world, version, "status" if PAUSED in version.annotations else f"annotation {PAUSED}")
            text = f"its copy was acted on in the {side} at {version.entry.at:.1f} s, before its Cluster there was un-paused; {whose}"
            return Disorder(text, (version.entry.seq,))
    return None


def unpaused_since(timeline: Timeline, copy: Version) -> float | None:
    """The earliest time at which a Cluster can have been un-paused after it was created with the others; None if never."""
    paused = False
    for version in timeline:
        if version.get("spec", "paused"):
            paused = True
        elif version.alive and (paused or version.entry.at > copy.entry.at):
            return version.entry.since
    return None
