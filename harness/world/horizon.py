"""Until when a verdict holds: how long each sight is needed, and which of them ended first.

A witness is needed until the hosts were adopted: until then their new owner still acts on them. From the least end of all witnesses on,
nothing is proven.
"""

from typing import NamedTuple

from harness.journal.entry import Entry
from harness.journal.facts import (
    SIDES,
    AnyFact,
    ApiWrite,
    BmcRead,
    BmcRequest,
    IronicAnswers,
    IronicNode,
    IronicNodeGone,
    MoverEnded,
    MoverSaid,
    MoverStarted,
    ObjectSeen,
    ProbeSeen,
    SightEnded,
    SightName,
    StepEnded,
)
from harness.metal3 import PAUSED
from harness.world.adoption import adopted_states, node_state, parts
from harness.world.coverage import NotCovered, SightFact, SightKey, looked_at
from harness.world.hosts import Host, promised
from harness.world.ironic.told import about
from harness.world.moves import JudgedMove, judged_moves, steady_since
from harness.world.world import Version, World, answered_once, key_of

WITNESSES = ("kube", "bmc", "bmc_requests", "ironic")
"""Sights on the system under test; the mover ends by itself, and probes only look before and after."""

CLOSING_SECONDS = 60.0
"""So much later than the first witness the last one may end: each proves first that it missed nothing."""

OWN_PARTS = 3
"""The parts of the proof of an adoption that the host itself shows; the last one is Ironic's."""

OF_THE_SYSTEM = (*WITNESSES, "audit")
"""The sights that tell of the system; what the mover and the probes tell is of the run itself."""


_SHOWN_BY: dict[type, SightName] = {
    ObjectSeen: "kube",
    ApiWrite: "audit",
    BmcRead: "bmc",
    BmcRequest: "bmc_requests",
    **dict.fromkeys((IronicAnswers, IronicNode, IronicNodeGone), "ironic"),
    ProbeSeen: "probe",
    **dict.fromkeys((MoverStarted, MoverSaid, MoverEnded), "mover"),
}
SHOWN_BY = {fact.__name__: sight for fact, sight in _SHOWN_BY.items()}
"""By name of a fact the sight that shows it; all others the run itself tells."""


def shows(fact: AnyFact) -> SightKey | None:
    """The sight that shows this fact; None where the run itself told it."""
    sight = SHOWN_BY.get(type(fact).__name__)
    if sight is None:
        return None
    match fact:
        case ObjectSeen():
            key = SightKey(sight, fact.cluster, key_of(fact).kind)
        case ApiWrite():
            key = SightKey(sight, fact.cluster)
        case BmcRead() | BmcRequest():
            key = SightKey(sight, host=fact.host)
        case IronicAnswers() | IronicNode() | IronicNodeGone():
            key = SightKey(sight, fact.ironic)
        case ProbeSeen():
            key = SightKey(sight, fact.vantage)
        case _:
            key = SightKey(sight)
    return key


def within_sight(entries: list[Entry]) -> list[Entry]:
    """The entries without what was told of the system when every sight had ended: no verdict speaks of that time.

    What was only told of as a part of a wider sight ends with that.
    """
    last = {looked_at(entry.fact): entry for entry in entries if isinstance(entry.fact, SightFact)}
    ended = {key: entry for key, entry in last.items() if isinstance(entry.fact, SightEnded)}
    open_ones = [(key, entry) for key, entry in last.items() if key not in ended]
    if not ended or not all(
        any(wide.covers(key) and entry.seq < end.seq for wide, end in ended.items()) for key, entry in open_ones
    ):
        return entries
    closed = max(entry.seq for entry in last.values())
    return [entry for entry in entries if entry.seq <= closed or not is_of_the_system(entry)]


def is_of_the_system(entry: Entry) -> bool:
    """Does a sight of the system tell this?"""
    shown = shows(entry.fact)
    return shown is not None and shown.sight in OF_THE_SYSTEM


class Horizon(NamedTuple):
    """What a verdict covers: seconds of the run, and the sight that ended first (empty where none has ended)."""

    since: float
    until: float
    first: str
    evidence: tuple[int, ...]


def horizon(world: World) -> Horizon | None:
    """From the first move's begin, or the steady time, to the least end of all witnesses; None where nothing was promised."""
    judged, steady = judged_moves(world), steady_since(world)
    if not judged and steady is None:
        return None
    ends = [
        (end.at, str(sight.key), end.seq)
        for sight in world.coverage.sights.values()
        if sight.key.sight in WITNESSES and sight.began and (end := sight.lost or sight.ended)
    ]
    until, first, seq = min(ends, default=(world.now, "", -1))
    return Horizon(judged[0].move.since if steady is None else steady, until, first, (seq,) if seq >= 0 else ())


@answered_once
def needed_until(world: World, host: Host) -> float:
    """The time (seconds) until which every witness of this host is needed: until its adoption by the last move was seen.

    Without a move, where it is promised to be steady: to the end of what was done, or of the watch.
    """
    least = 0.0 if steady_since(world) is None else steady_until(world)
    return max((_needed_for(world, host, leg) for leg in judged_moves(world)[-1:]), default=least)


def steady_until(world: World) -> float:
    """When the steady time ended: with its stage or the last step; where nothing was done, when watching was being ended."""
    ended = [it.at for it in world.steps if isinstance(it.fact, StepEnded) and it.fact.step == (world.stage or it.fact.step)]
    if ended:
        return ended[-1]
    ends = (sight.ended.at for sight in world.coverage.sights.values() if sight.key.sight in WITNESSES and sight.ended)
    return max(ends, default=0.0) - CLOSING_SECONDS / world.speed


@answered_once
def all_needed_until(world: World) -> float:
    """The time (seconds) until which the witnesses of what belongs to no host are needed: until every host was adopted."""
    return max((needed_until(world, host) for host in promised(world)), default=0.0)


def _needed_for(world: World, host: Host, leg: JudgedMove) -> float:
    """Until when this move needs its witnesses: until it ended, and the host was adopted, by its own account and by Ironic's."""
    ended = leg.move.until if leg.move.until != float("inf") else 0.0
    adopted = adopting_version(world, host, leg)
    if adopted is None:
        return ended
    return max(ended, adopted.entry.at, node_adopted_at(world, host, leg, str(adopted.get("status", "provisioning", "ID"))))


def adopting_version(world: World, host: Host, leg: JudgedMove) -> Version | None:
    """The first version by which the host itself shows that it was adopted; None if it never did."""
    for version in host.versions(world, leg.move.destination):
        if version.alive and leg.move.since < version.entry.at < leg.until and shows_adoption(world, host, leg, version):
            return version
    return None


def node_adopted_at(world: World, host: Host, leg: JudgedMove, uuid: str) -> float:
    """When the destination's Ironic first showed the host's node adopted (seconds); 0 where it never did."""
    for entry in about(world, leg.move.destination, uuids=(uuid,)):
        fact = entry.fact
        mine = isinstance(fact, IronicNode) and fact.uuid == uuid and leg.move.since < entry.at < leg.until
        if mine and node_state(entry) in adopted_states(host):
            return entry.at
    return 0.0


def shows_adoption(world: World, host: Host, leg: JudgedMove, version: Version) -> bool:
    """Does this version hold the host's own parts of the proof: identity, registration, credentials?"""
    return PAUSED not in version.annotations and all(part.holds for part in parts(world, host, leg, version)[:OWN_PARTS])


@answered_once
def not_seen_whole(world: World, host: Host) -> NotCovered | None:
    """Why the host's own versions were not all seen, in both clusters, as long as they are needed; None if they were."""
    keys = (SightKey("kube", side, "BareMetalHost") for side in SIDES)
    return world.not_covered(*keys, needed_from=host.since, needed_until=needed_until(world, host))


def not_seen_now(world: World, *keys: SightKey) -> NotCovered | None:
    """The first reason why one of these keys is not looked at now, in the middle of a run; None if all are, and nothing was missed."""
    found = (world.coverage.not_covered(key, needed_from=float("inf"), final=False) for key in keys)
    return next((blind for blind in found if blind), None)
