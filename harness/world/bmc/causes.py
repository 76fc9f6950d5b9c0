"""What follows from what: the change of a host that came before a request to its BMC, and the request that came after a change.

A Baremetal Operator makes requests of what is written to a host, within seconds. So the last such change before a request is told as its
cause, with the distance in seconds; that it was the cause is for the reader to conclude.
"""

from itertools import pairwise
from typing import NamedTuple

import msgspec

from harness.journal.entry import Entry
from harness.journal.facts import SIDES, BmcRequest
from harness.metal3 import DELETE_FOR_MOVE, DETACHED, INSPECT, REBOOT, STATUS
from harness.world.bmc.evidence import IRONICS, UNKNOWN_PARTY, asker, harmful
from harness.world.carried.equality import FELT_LATER, changed_parts, comparable, differing, parts
from harness.world.changes.authors import after_words, author, deleted_by
from harness.world.hosts import Host
from harness.world.world import Version, World

CAUSE_SECONDS = 120.0
"""A change is told as the cause of what came so long after it: the Baremetal Operator's longest wait before it tries again."""

GOING = "deletionTimestamp"
ORDERS = (REBOOT, INSPECT, DETACHED)
POWER_ON, POWER_OFF = ("On", "ForceOn"), ("ForceOff", "GracefulShutdown", "PushPowerButton")
"""Types of resets by what `spec.online` asks for."""
VALUE_CHARACTERS_MAX = 60


class Cause(NamedTuple):
    """A change of a host: what was changed and by whom, for people, and the version that shows it."""

    says: str
    version: Version

    def before(self, at: float) -> str:
        """How long (seconds) it was before something at that time."""
        return f"{max(0.0, at - self.version.entry.at):.1f} s before"


def cause(world: World, host: Host, entry: Entry, sides: tuple[str, ...] = SIDES) -> Cause | None:
    """The last change of the host, in one of these clusters, of which a Baremetal Operator can have made what this entry shows."""
    found = [made for side in sides if (made := change_before(world, host, side, entry))]
    return max(found, key=lambda made: made.version.entry.seq, default=None)


def change_before(world: World, host: Host, side: str, entry: Entry) -> Cause | None:
    """The last change of this host in a cluster before an entry that a server can feel."""
    earliest = entry.since - CAUSE_SECONDS / world.speed
    for before, after in reversed(list(pairwise(host.versions(world, side)))):
        if after.entry.since > entry.at or after.entry.seq == entry.seq or not comparable(before, after):
            continue
        if after.entry.at < earliest:
            return None
        part = felt(before, after)
        if part and answers(entry, part, after):
            whose = deleted_by(world, after) if part == GOING else author(world, after, part)
            return Cause(f"`{part}` {changed(part, before, after)} in the {side}{after_words(whose)}", after)
    return None


def felt(before: Version, after: Version) -> str:
    """The part of a host that changed and that a server can feel; empty where there is none."""
    if after.deleting and not before.deleting and DELETE_FOR_MOVE not in after.annotations:
        return GOING
    old, new = changed_parts(before, after, "BareMetalHost")
    found = [part for part in differing(old, new) if is_felt(part, set_now=part in new)] if after.alive else []
    lost = STATUS in before.annotations and STATUS not in after.annotations and not after.get("status", "provisioning", "state")
    return f"annotation {STATUS}" if lost else found[0] if found else ""


def answers(entry: Entry, part: str, after: Version) -> bool:
    """Can this entry be an answer to that change? Who asks for power on does not follow the wish for power off."""
    if part != "spec.online" or not isinstance(entry.fact, BmcRequest):
        return True
    wanted, what = after.get("spec", "online"), harmful(entry.fact)
    return any(what.endswith(f" {kind}") for kind in (POWER_ON if wanted else POWER_OFF))


def is_felt(part: str, *, set_now: bool) -> bool:
    """Does a Baremetal Operator act on a change of this part?"""
    word, _, name = part.partition(" ")
    return (word.startswith("spec.") and part not in FELT_LATER) or (word == "annotation" and set_now and name.startswith(ORDERS))


def changed(part: str, before: Version, after: Version) -> str:
    """`was set to false`, `was changed`, `was removed`."""
    old, new = (parts(it, "BareMetalHost").get(part) for it in (before, after))
    if part == GOING:
        return "was set"
    if new is None or (part == f"annotation {STATUS}" and STATUS not in after.annotations):
        return "was removed"
    text = msgspec.json.encode(new).decode() if isinstance(new, bool | int | str) and part.startswith("spec.") else ""
    if text and len(text) <= VALUE_CHARACTERS_MAX:
        return f"was set to {text}"
    return "was set" if old is None else "was changed"


def cause_of_request(world: World, host: Host, entry: Entry) -> Cause | None:
    """The change of the host before this request; none where somebody asked who is no Ironic."""
    asked_by = asker(world, entry.fact)
    if asked_by.startswith(IRONICS):
        return cause(world, host, entry, (asked_by.removeprefix(IRONICS),))
    return cause(world, host, entry) if asked_by == UNKNOWN_PARTY else None


def harm_after(world: World, host: Host, side: str, version: Version) -> str:
    """`3.2 s before the Reset ForceOff by the Ironic of the target`: the first harm that its BMC was asked for since a change."""
    until = version.entry.at + CAUSE_SECONDS / world.speed
    for entry in world.requests[host.record]:
        asked_by, what = asker(world, entry.fact), harmful(entry.fact)
        follows = version.entry.since <= entry.at and entry.since <= until
        if what and follows and asked_by in (f"{IRONICS}{side}", UNKNOWN_PARTY):
            return f"{max(0.0, entry.at - version.entry.at):.1f} s before the {what} by {asked_by}"
    return ""
