"""Did each object arrive as it left? The copy's first version against the origin's, as that was when the copy was made.

What was changed in the origin after its copy was made is lost, unless the destination got the same change.
"""

from collections.abc import Iterator
from itertools import pairwise

from harness.journal.entry import FOREVER
from harness.metal3 import DELETE_FOR_MOVE
from harness.world.carried.defaults import may_be_default
from harness.world.carried.equality import changed_parts, comparable, differing, parts, surely_alike
from harness.world.carried.installed import is_newer
from harness.world.changes.authors import author, deleted_by
from harness.world.moved_objects import ObjectMismatch
from harness.world.moves import JudgedMove, tried_since
from harness.world.releases import held_version
from harness.world.world import ObjectKey, Timeline, Version, World, answered_once, version_at

IDENTITY = ("spec", "label", "its")
"""What a change in the origin may lose: the words with which the parts of a user's own begin."""


def compare(  # noqa: PLR0913 - which object of which move, and what may have become of it
    world: World, key: ObjectKey, before: Version, leg: JudgedMove, *, by_name: bool = False, given_up: float = FOREVER
) -> Iterator[ObjectMismatch]:
    """One object before and after a move: is it there, did it arrive as it left, is the old one gone?

    `by_name`: it is only named by another object, and no move takes it along by itself, so a copy may have been there before.
    `given_up`: when its user took it away after it had arrived (seconds), as nothing depended on it.
    """
    there = key.in_cluster(leg.move.destination)
    timeline = world.objects.get(there, [])
    after = held_version(world, there, min(given_up, leg.until))
    left = version_at(world.objects[key], leg.until)
    name = f"{key.kind} {key.name}"
    if left and left.alive and not (by_name and after and after.alive):
        yield ObjectMismatch(
            key, f"{name} was left behind in the {leg.move.origin}{made_again(world, key, leg)}", (left.entry.seq,)
        )
    if after:
        yield from there_at_last(world, key, before, leg, after)
    elif not timeline or timeline[0].entry.at >= leg.until:
        yield ObjectMismatch(key, f"{name} never arrived in the {leg.move.destination}", (before.entry.seq,))


def there_at_last(world: World, key: ObjectKey, before: Version, leg: JudgedMove, after: Version) -> Iterator[ObjectMismatch]:
    """What its last version in the destination shows, before its release where it was released: it is gone, or unlike what left."""
    if after.alive:
        yield from unlike(world, key, leg, after)
        return
    text = f"{key.kind} {key.name} is gone from the {leg.move.destination}"
    yield ObjectMismatch(key, text, (before.entry.seq, after.entry.seq))


def made_again(world: World, key: ObjectKey, leg: JudgedMove) -> str:
    """Who made it again in the origin, where it had been deleted since the move began; else empty."""
    timeline = [it for it in world.objects[key] if leg.move.since < it.entry.at < leg.until]
    for before, after in pairwise(timeline):
        if after.alive and not before.alive:
            return f", made again at {after.entry.at:.1f} s, {author(world, after)}"
    return ""


@answered_once
def copies(world: World, key: ObjectKey, leg: JudgedMove) -> Timeline:
    """The living versions of its copy in the destination; where a mover tried again, from what its last attempt left."""
    tried = tried_since(world, leg.move)
    found = [it for it in world.timeline(leg.move.destination, *key[1:]) if tried < it.entry.at < leg.until and it.alive]
    return ([it for it in found if it.entry.at > leg.move.since] or found[-1:]) if tried < leg.move.since else found


def arrived(world: World, key: ObjectKey, leg: JudgedMove, after: Version) -> Version:
    """The version of its copy that the mover made.

    A mover that tried again found the copy there and may have let it be, so there the first version counts that is as it left.
    """
    tried = tried_since(world, leg.move)
    timeline = world.timeline(leg.move.destination, *key[1:]) if tried < leg.move.since else []
    made = [it for it in timeline if tried < it.entry.at and it.entry.since <= leg.move.until and it.alive]
    first = [it for it in made if it.metadata.get("uid") == made[0].metadata.get("uid")]
    alike = (it for it in first if any(is_alike(left, it, key.kind) for left in as_it_left(world, key, leg, it)))
    return next(alike, None) or next(iter(copies(world, key, leg)), after)


def is_alike(left: Version, copy: Version, kind: str) -> bool:
    """Are two versions equal in all that a move carries?"""
    return comparable(left, copy) and not differing(*changed_parts(left, copy, kind))


def as_it_left(world: World, key: ObjectKey, leg: JudgedMove, copy: Version) -> Timeline:
    """The origin's versions that may have been the newest when the copy was made.

    A version that is marked to be deleted for the move has lost its other annotations, and is none.
    """
    again = tried_since(world, leg.move) < leg.move.since
    timeline = [it for it in world.objects[key] if it.entry.at < leg.until and it.alive and not is_going(it)]
    found = [
        it
        for it, after in zip(timeline, [*timeline[1:], None], strict=True)
        if it.entry.since <= copy.entry.at and (again or after is None or after.entry.at >= copy.entry.since)
    ]
    return found or timeline[-1:]


def is_going(version: Version) -> bool:
    """Is it marked for its deletion?"""
    return version.deleting or DELETE_FOR_MOVE in version.annotations


def unlike(world: World, key: ObjectKey, leg: JudgedMove, after: Version) -> Iterator[ObjectMismatch]:
    """How its copy differs from what left, and what the origin lost since; where the copy was there before, how that differs.

    None of it is proven under a gap: what was seen first may not be what arrived, nor what was seen last what left.
    """
    copy = arrived(world, key, leg, after)
    left = as_it_left(world, key, leg, copy)
    if not left:
        return
    name, sides = f"{key.kind} {key.name}", f"between {leg.move.origin} and {leg.move.destination}"
    if not any(comparable(it, copy) for it in left):
        text = f"the clusters show {name} in different versions of its API, which cannot be compared"
        yield ObjectMismatch(key, text, (left[-1].entry.seq, copy.entry.seq), unsure=True)
        return
    wrongs = [differing(*changed_parts(it, copy, key.kind)) for it in left if comparable(it, copy)]
    if all(wrongs):
        whose = author(world, copy)
        last = [it for it in left if comparable(it, copy)][-1]
        defaults = {part for part in wrongs[-1] if may_be_default(key.kind, part, last, copy)}
        for part in wrongs[-1]:
            if part in defaults and is_newer(world, leg):
                continue
            text = f"{name} differs in {part} {sides}{f' ({whose})' if key.kind == 'BareMetalHost' else ''}"
            yield ObjectMismatch(key, text, (left[-1].entry.seq, copy.entry.seq), unsure=part in defaults)
    yield from lost_updates(world, key, leg, copy, after)


def lost_updates(world: World, key: ObjectKey, leg: JudgedMove, copy: Version, after: Version) -> Iterator[ObjectMismatch]:
    """What was changed in the origin after the copy was made, and is otherwise in the destination."""
    timeline = [it for it in world.objects[key] if it.alive and it.entry.at < leg.until]
    for before, changed in pairwise(timeline):
        if changed.entry.at < copy.entry.since or surely_alike(before, changed):
            continue
        if not comparable(before, changed) or not comparable(changed, after):
            continue
        old, new = changed_parts(before, changed, key.kind)
        own = [part for part in differing(old, new) if part.split(".")[0].split()[0] in IDENTITY]
        kept = [parts(it, key.kind) for it in (after, copy)] if own else []
        lost = [part for part in own if new.get(part) not in [it.get(part) for it in kept]]
        if lost:
            whose = author(world, changed, lost[0])
            text = f"{key.kind} {key.name} was changed in the {key.cluster} at {changed.entry.at:.1f} s, after its copy was made"
            yield ObjectMismatch(key, f"{text}: {', '.join(lost)} is lost; {whose}", (copy.entry.seq, changed.entry.seq))
            return
    yield from deleted_by_hand(world, key, leg)


def deleted_by_hand(world: World, key: ObjectKey, leg: JudgedMove) -> Iterator[ObjectMismatch]:
    """A claimed host's copy in the origin that was deleted without the mark of the move: its operator would deprovision the server."""
    if key.kind != "BareMetalHost" or not leg.move.done:
        return
    for version in world.objects[key]:
        released = version.alive and not version.deleting
        if version.entry.at < leg.move.since or version.entry.at >= leg.until or released:
            continue
        if DELETE_FOR_MOVE not in version.annotations:
            whose = deleted_by(world, version)
            text = (
                f"{key.kind} {key.name} was deleted in the {key.cluster} at {version.entry.at:.1f} s, not for the move; {whose}"
                f"{made_again(world, key, leg)}"
            )
            yield ObjectMismatch(key, text, (version.entry.seq,), seen=True)
            return
