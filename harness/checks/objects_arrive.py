"""Every object that must move arrives as it left, nothing is left behind or new, and nothing was done to it since that harms a server.

Which objects must move is told by Cluster API's and Metal3's own relations, not by the labels on CRDs: a missing label leaves hosts
behind silently, with exit code 0 (recorded run f). Two questions are asked: did it arrive as it left, and who changed it since? What
a user or a controller changed afterwards and harms no server is a note in the passing text.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from harness.journal.entry import FOREVER
from harness.journal.facts import SIDES
from harness.judgement import Judgement, failed, passed, unknown
from harness.world.carried import newcomers
from harness.world.carried.afterwards import since_arrival
from harness.world.carried.arrival import compare
from harness.world.carried.kept_status import forgotten
from harness.world.carried.kinds import carried_kinds, needed_kinds, unwatched
from harness.world.carried.newcomers import born_too_late, unexpected
from harness.world.carried.wishes import WISHES, lost_wishes, wished_kinds
from harness.world.changes.authors import deleted_by
from harness.world.changes.users import is_deleted_by_user
from harness.world.coverage import NotCovered, SightKey
from harness.world.horizon import all_needed_until, needed_until
from harness.world.hosts import Host, hosts_by_name, promised
from harness.world.moved_objects import CLAIMING, ObjectMismatch, expected, is_only_named, owner_host
from harness.world.moves import JudgedMove, judged_moves
from harness.world.world import ObjectKey, Timeline, Version, World

ORDER = 80
NEEDS_MOVE = True
SHOWN = 6
NOTES = 4
HOST = "BareMetalHost"


class Findings(NamedTuple):
    """What is wrong with some objects, and what is only told of them."""

    wrong: list[ObjectMismatch]
    notes: list[str]


def check(world: World) -> Iterator[Judgement]:
    """One judgement a promised host (its own objects), and one about all the rest."""
    judged = judged_moves(world)
    promised_hosts = promised(world)
    if not judged:
        yield from (unknown("no move took place", host.name) for host in promised_hosts)
        return
    names = {host.name for host in promised_hosts}
    of: dict[str | None, Findings] = defaultdict(lambda: Findings([], []))
    for leg in judged:
        for key, found in of_leg(world, leg, names):
            owner = owner_host(world, key)
            mine = owner if owner in names else None
            of[mine].notes.extend(found.notes)
            for wrong in found.wrong:
                # Of its Machine only what is surely wrong is the host's: what cannot be compared is no fault of a server.
                of[None if wrong.unsure and key.kind in CLAIMING else mine].wrong.append(wrong)
    for host in promised_hosts:
        yield of_host(world, host, of[host.name])
    yield of_rest(world, of[None], judged)


def of_leg(world: World, leg: JudgedMove, names: set[str]) -> Iterator[tuple[ObjectKey, Findings]]:
    """What one move left behind, lost, changed, or made anew, and what was done since."""
    before = expected(world, leg.move.origin, leg.move.since)
    for key, version in before.items():
        yield key, of_object(world, key, version, leg, names)
    for wrong in (*unexpected(world, before, leg), *born_too_late(world, before, leg), *lost_wishes(world, leg)):
        yield wrong.key, Findings([wrong], [])
    for note in newcomers.notes(world, before, leg):
        yield ObjectKey(leg.move.destination, "", "", ""), Findings([], [note])


def of_object(world: World, key: ObjectKey, before: Version, leg: JudgedMove, names: set[str]) -> Findings:
    """Everything that one carried object shows; a host that runs nothing may be changed as one likes once it has arrived."""
    owner = owner_host(world, key)
    free = owner is not None and owner not in names
    given_up = given_up_at(world, key, owner, leg) if free else FOREVER
    by_name = is_only_named(world, key, before, leg.move.origin)
    arrival = list(compare(world, key, before, leg, by_name=by_name, given_up=given_up))
    since = since_arrival(world, key, leg)
    notes = [*since.notes, *([deletion_note(world, key, leg)] if given_up < FOREVER and key.kind == HOST else [])]
    return Findings([*arrival, *([] if free else since.harm), *forgotten(world, key, leg)], notes)


def given_up_at(world: World, key: ObjectKey, owner: str | None, leg: JudgedMove) -> float:
    """Until when the host lived to which this belongs, where its user deleted it after it had arrived (seconds): all of it goes with it."""
    host = hosts_by_name(world).get(owner or "")
    timeline = world.timeline(leg.move.destination, HOST, key.namespace, host.object_name) if host else []
    going = deletion(timeline)
    known = going and going.entry.since > leg.move.until and is_deleted_by_user(world, going)
    lived = [it.entry.at for it in timeline if going and it.entry.seq < going.entry.seq]
    return lived[-1] if known and lived else FOREVER


def deletion(timeline: Timeline) -> Version | None:
    """The version that first shows an object to be deleted, or on its way; None where it lives."""
    gone = bool(timeline) and (timeline[-1].deleting or not timeline[-1].alive)
    return next((it for it in timeline if it.deleting or not it.alive), None) if gone else None


def deletion_note(world: World, key: ObjectKey, leg: JudgedMove) -> str:
    """That a host which runs nothing was deleted by its user after the move."""
    going = deletion(world.timeline(leg.move.destination, *key[1:]))
    assert going is not None  # noqa: S101 - it was given up
    text = f"{key.kind} {key.name}, which ran nothing, was deleted in the {leg.move.destination} at {going.entry.at:.1f} s"
    return f"{text}, {deleted_by(world, going)}"


def of_host(world: World, host: Host, found: Findings) -> Judgement:
    """The host's BareMetalHost, HardwareData and Secrets, and who it is in use by."""
    kinds = (HOST, "HardwareData", "Secret", *(CLAIMING if host.claimed else ()))
    keys = [SightKey("kube", side, kind) for side in SIDES for kind in kinds]
    keys += world.coverage.watched_from(host.since, *(SightKey("kube", side, kind) for side in SIDES for kind in WISHES))
    blind = world.not_covered(*keys, needed_from=host.since, needed_until=needed_until(world, host))
    return told(found, blind, host.name, "its objects arrived equal, nothing was left behind")


def of_rest(world: World, found: Findings, judged: list[JudgedMove]) -> Judgement:
    """All other objects, as one."""
    before = [expected(world, leg.move.origin, leg.move.since) for leg in judged]
    blind = not_seen(world, {kind for leg in judged for kind in needed_kinds(world, leg)}, judged)
    if not any(before):
        blind = blind or NotCovered("no object that moves was seen before the move")
    carried = {kind: seq for leg in judged for kind, seq in carried_kinds(world, leg).items()}
    wished = {kind: seq for leg in judged for kind, seq in wished_kinds(world, leg).items()}
    blind = blind or unwatched(world, carried) or unwatched(world, wished, "for users to write")
    blind = blind or not_seen(world, {*carried, *wished}, judged)
    return told(found, blind, None, f"all {sum(map(len, before))} objects arrived equal, nothing was left behind")


def not_seen(world: World, kinds: set[str], judged: list[JudgedMove]) -> NotCovered | None:
    """Why one of these kinds was not covered in both clusters from the first move until every host was adopted."""
    keys = (SightKey("kube", side, kind) for side in SIDES for kind in sorted(kinds))
    return world.not_covered(*keys, needed_from=judged[0].move.since, needed_until=all_needed_until(world))


def told(found: Findings, blind: NotCovered | None, host: str | None, good: str) -> Judgement:
    """What was seen to be wrong fails; what was not seen, or cannot be compared, is unknown; else it passes with its notes."""
    certain = [one for one in found.wrong if not one.unsure and (one.seen or not blind)]
    unsure = [one for one in found.wrong if one.unsure]
    if certain:
        return failed(listed([one.says for one in certain], SHOWN), host, evidence_of(certain))
    if blind:
        return unknown(blind.says, host, blind.evidence)
    if unsure:
        return unknown(listed([one.says for one in unsure], SHOWN), host, evidence_of(unsure))
    return passed(f"{good}; changed since: {listed(found.notes, NOTES)}" if found.notes else good, host)


def listed(texts: list[str], shown: int) -> str:
    """The first few texts, and how many more there are."""
    more = f"; and {len(texts) - shown} more" if len(texts) > shown else ""
    return "; ".join(texts[:shown]) + more


def evidence_of(found: list[ObjectMismatch]) -> list[int]:
    """The entries behind some mismatches, in order."""
    return sorted({seq for item in found for seq in item.evidence})
