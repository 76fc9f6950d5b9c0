"""Each host's copy carries its status as it left: the status annotation equals the origin's status when the copy was made.

Only `hardware` may differ, which travels in HardwareData. An annotation that is absent, older, empty, cut or edited makes the new owner
restore something else, even if it shows a good status later.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import msgspec

from harness.journal.facts import SIDES
from harness.judgement import Judgement, failed, passed, unknown
from harness.metal3 import STATUS
from harness.world.carried.equality import cleaned
from harness.world.changes.authors import author
from harness.world.coverage import SightKey
from harness.world.hosts import Host, promised
from harness.world.moves import JudgedMove, judged_moves, tried_since
from harness.world.world import Timeline, Version, World, dig, versions_during

ORDER = 70
NEEDS_MOVE = True
FREE = ("hardware",)
CREDENTIALS = ("goodCredentials", "triedCredentials")
"""References to the host's Secret, whose namespace is always the host's own."""


def check(world: World) -> Iterator[Judgement]:
    """One judgement a promised host and move."""
    for host in promised(world):
        for leg in judged_moves(world):
            yield judge(world, host, leg)


def judge(world: World, host: Host, leg: JudgedMove) -> Judgement:
    """Compare what the copy carried with what the origin showed."""
    side, tried = leg.move.destination, tried_since(world, leg.move)
    copies = [it for it in world.timeline(side, *key(host)) if tried < it.entry.at < leg.until and it.alive]
    if tried < leg.move.since:
        # A mover that tries again writes the copies of its first attempt anew: what the last attempt left is what was carried.
        copies = [it for it in copies if it.entry.at > leg.move.since] or copies
    if not copies:
        return unknown(f"no copy of it was seen in the {side}", host.name, leg.move.evidence)
    blind = world.not_covered(*(SightKey("kube", each, "BareMetalHost") for each in SIDES), needed_from=leg.move.since)
    wrong = deviation(world, host, leg, copies)
    if wrong and not blind:
        return wrong
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    return passed(f"arrived in the {side} with its status as it left", host.name, (copies[0].entry.seq,))


def key(host: Host) -> tuple[str, str, str]:
    """Kind, namespace and name of its object."""
    return "BareMetalHost", host.namespace, host.object_name


def deviation(world: World, host: Host, leg: JudgedMove, copies: Timeline) -> Judgement | None:
    """What is wrong with the annotation of the first copy, or with a later edit of it."""
    side, first = leg.move.destination, copies[0]
    whose = author(world, first)
    if STATUS not in first.annotations:
        text = f"its copy was made in the {side} without its status annotation at {first.entry.at:.1f} s, {whose}"
        return failed(text, host.name, (first.entry.seq,))
    carried = decoded(first.annotations[STATUS])
    if carried is None:
        return failed(f"the status annotation of its copy in the {side} cannot be read", host.name, (first.entry.seq,))
    shown = [it for it in shown_before(world, host, leg, first) if it.get("status")]
    if shown and not any(same(carried, it.get("status")) for it in shown):
        names = ", ".join(differing(carried, shown[-1].get("status")))
        text = f"the status annotation of its copy in the {side} differs from the status that it left with, in {names}; {whose}"
        return failed(text, host.name, (shown[-1].entry.seq, first.entry.seq))
    return edited(world, host, side, copies)


def shown_before(world: World, host: Host, leg: JudgedMove, copy: Version) -> Timeline:
    """The versions in the origin that may have been the newest when the copy was made."""
    origin = [it for it in world.timeline(leg.move.origin, *key(host)) if it.alive]
    return versions_during(origin, copy)


def edited(world: World, host: Host, side: str, copies: Timeline) -> Judgement | None:
    """A status annotation that was changed, or lost, in the destination before the status was restored from it."""
    for before, after in pairwise(copies):
        if STATUS not in before.annotations or before.annotations[STATUS] == after.annotations.get(STATUS):
            continue
        if STATUS in after.annotations or not after.get("status", "provisioning", "state"):
            what = "edited" if STATUS in after.annotations else "lost"
            whose = author(world, after, f"annotation {STATUS}")
            text = f"its status annotation was {what} in the {side} at {after.entry.at:.1f} s, before the status was restored, {whose}"
            return failed(text, host.name, (before.entry.seq, after.entry.seq))
    return None


def decoded(text: str) -> dict[str, Any] | None:
    """The annotation's JSON object; None where it is none, or empty."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError):
        return None
    return value if isinstance(value, dict) and value else None


def kept(status: Any) -> dict[str, Any]:
    """A status without what may differ, and without nulls."""
    found = cleaned({name: it for name, it in (status or {}).items() if name not in FREE})
    for name in CREDENTIALS:
        reference = dig(found, name, "credentials")
        if isinstance(reference, dict):
            reference.pop("namespace", None)
    return {name: it for name, it in found.items() if it not in ({}, [], "")}


def same(one: Any, other: Any) -> bool:
    """Do they say the same?"""
    return kept(one) == kept(other)


def differing(one: Any, other: Any) -> list[str]:
    """The members in which two statuses differ."""
    mine, theirs = kept(one), kept(other)
    return sorted(name for name in {**mine, **theirs} if mine.get(name) != theirs.get(name))
