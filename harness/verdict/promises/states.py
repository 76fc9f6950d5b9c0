"""What each variable was, and when: the versions of a host, of its Node, of its node in Ironic, of objects, and single facts.

A state came into force at some time within an interval, and ceased to be within another one; sources of different kinds are compared
by these alone, as they share no order.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from harness.journal.entry import FOREVER, Entry
from harness.journal.facts import SIDES, IronicAnswers, IronicNode, IronicNodeGone, ObjectSeen
from harness.metal3 import PAUSED
from harness.world.coverage import SightKey
from harness.world.hosts import BEFORE_THE_RUN, Host
from harness.world.ironic.holding import of_host
from harness.world.ironic.nodes import identities
from harness.world.ironic.presence import entries as entries_of_ironic
from harness.world.ironic.presence import tells_only_changes
from harness.world.moves import moves
from harness.world.nodes import node_timeline
from harness.world.world import Timeline, Version, World, key_of

_PLAIN = (str, int, float, dict, type(None))


class VariableState(NamedTuple):
    """A variable's value: it came within the first interval (seconds) and went within the second; `ended_by` is the entry that ended it.

    `shown` is the entry that shows it. An instant, of a fact, is gone as it comes. `where` is the cluster that showed it.
    """

    variable: str
    value: Any
    shown: Entry
    since: float
    at: float
    gone_since: float = FOREVER
    gone_at: float = FOREVER
    ended_by: int = -1
    instant: bool = False
    where: str = ""

    @property
    def seq(self) -> int:
        """The place of that entry in the journal."""
        return self.shown.seq

    def ends(self, entry: Entry) -> "VariableState":
        """The same, ended by this entry."""
        return self._replace(gone_since=entry.since, gone_at=entry.at, ended_by=entry.seq)


class Track(NamedTuple):
    """The states of one variable in order; `lost` tells why nobody knows what it is at the end, where that is so."""

    states: list[VariableState]
    lost: str = ""
    evidence: tuple[int, ...] = ()


def track_of_host(world: World, host: Host) -> Track:
    """The host as its owner has it.

    The destination of a move owns it from the first version on that is not paused there and has a state of its operator's; until then
    it is as its owner before left it.
    """
    owned = list(as_owned(world, host))
    states = [state_of("host", version, side) for side, version in owned if version.alive]
    following = [version.entry for _, version in owned if version.alive][1:]
    ended = [state.ends(entry) for state, entry in zip(states, following, strict=False)] + states[-1:]
    if not owned or owned[-1][1].alive:
        return Track(ended)
    side, gone = owned[-1]
    says = f"its BareMetalHost was deleted in the {side} at {gone.entry.at:.1f} s, and no other owner was seen to have it"
    return Track(ended, says, (gone.entry.seq,))


def as_owned(world: World, host: Host) -> Iterator[tuple[str, Version]]:
    """The versions in the cluster that owned the host at the time."""
    owner: str = host.origin
    for side, version in both_sides(world, host):
        if side != owner and takes_over(world, side, version):
            owner = side
        if side == owner:
            yield side, version


def both_sides(world: World, host: Host) -> list[tuple[str, Version]]:
    """The host's versions in both clusters, in the order in which they were seen, also those of its deletion."""
    found = [(str(side), version) for side in SIDES for version in host.versions(world, side)]
    return sorted(found, key=lambda item: item[1].entry.seq)


def takes_over(world: World, side: str, version: Version) -> bool:
    """Does a cluster own the host from this version on, after a move to it?"""
    moved = any(move.destination == side and move.since < version.entry.at for move in moves(world))
    return moved and version.alive and PAUSED not in version.annotations and bool(version.get("status", "provisioning", "state"))


def state_of(variable: str, version: Version, where: str) -> VariableState:
    """A version as a state that nothing has ended yet. How long it was so when it was listed nobody saw."""
    since = BEFORE_THE_RUN if version.change == "listed" else version.entry.since
    return VariableState(variable, version.body, version.entry, since, version.entry.at, where=where)


def states_of(variable: str, timeline: Timeline, begin: float, until: float, where: str) -> list[VariableState]:
    """The states of an object from a time on: the version in force then, and those that follow it; none while it is gone."""
    found: list[VariableState] = []
    for version, after in zip(timeline, [*timeline[1:], None], strict=False):
        if not version.alive or version.entry.since >= until or (after is not None and after.entry.at <= begin):
            continue
        state = state_of(variable, version, where)
        found.append(state.ends(after.entry) if after is not None else state)
    return found


def track_of_node(world: World, host: Host) -> Track:
    """The host's Node of the workload cluster."""
    timeline = node_timeline(world, host)
    states = states_of("node", timeline, host.begins, host.until, "workload")
    if not timeline or timeline[-1].alive or timeline[-1].entry.since >= host.until:
        return Track(states)
    gone = timeline[-1].entry
    return Track(states, f"its Node was deleted at {gone.at:.1f} s", (gone.seq,))


def track_of_ironic(world: World, host: Host) -> Track:
    """The host's node in the Ironics of both sides, while they have it and answer."""
    found = [state for side in SIDES for state in states_in_ironic(world, host, side) if state.gone_at > host.begins]
    return Track(sorted(found, key=lambda state: state.seq))


def states_in_ironic(world: World, host: Host, side: str) -> Iterator[VariableState]:
    """The same of one side. An Ironic that does not answer has none; where it comes back with what it had, that is told again."""
    known, mine = identities(world), (host.namespace, host.object_name)
    current: dict[str, VariableState] = {}
    away: dict[str, VariableState] = {}
    for entry in entries_of_ironic(world, side):
        fact = entry.fact
        if entry.since >= host.until:
            break
        if isinstance(fact, IronicNode) and (of_host(fact.name, host) or mine in known.get((side, fact.uuid), ())):
            yield from (state.ends(entry) for state in [current.pop(fact.uuid, None)] if state)
            current[fact.uuid] = VariableState("ironic", fact.node, entry, entry.since, entry.at, where=side)
        elif isinstance(fact, IronicNodeGone):
            away.pop(fact.uuid, None)
            yield from (state.ends(entry) for state in [current.pop(fact.uuid, None)] if state)
        elif isinstance(fact, IronicAnswers) and not fact.up:
            yield from (state.ends(entry) for state in current.values())
            current, away = {}, current or away
        elif isinstance(fact, IronicAnswers) and tells_only_changes(world) and not current:
            current = {uuid: state._replace(since=entry.since, at=entry.at) for uuid, state in away.items()}
            away = {}
    yield from current.values()


def states_of_kind(world: World, kind: str, begin: float, clusters: Iterable[str]) -> dict[tuple[str, str], list[VariableState]]:
    """Namespace and name of each object of a kind -> its states, of both copies where it was moved."""
    found: dict[tuple[str, str], list[VariableState]] = {}
    for cluster in clusters:
        for key in world.keys(cluster, kind):
            states = states_of("object", world.objects[key], begin, FOREVER, cluster)
            found.setdefault((key.namespace, key.name), []).extend(states)
    return {name: sorted(states, key=lambda state: state.seq) for name, states in found.items() if states}


def clipped(states: Iterable[VariableState], world: World) -> list[VariableState]:
    """The states, each surely in force only as long as somebody looked: it may have gone while nobody did."""
    found: list[VariableState] = []
    for state in states:
        keys = KEYS[state.variable](state)
        gaps = [gap.since for key in keys for gap in world.coverage.gaps(key) if gap.until > state.at]
        seen = min([*gaps, world.seen_until(*keys)])
        found.append(state._replace(gone_since=min(state.gone_since, max(seen, state.at))))
    return found


KEYS: dict[str, Callable[[VariableState], tuple[SightKey, ...]]] = {
    # Who owns a host is told by both clusters.
    "host": lambda _: tuple(SightKey("kube", side, "BareMetalHost") for side in SIDES),
    "node": lambda state: (SightKey("kube", state.where, "Node"),),
    "ironic": lambda state: (SightKey("ironic", state.where),),
    "object": lambda state: (
        (SightKey("kube", state.where, key_of(state.shown.fact).kind),) if isinstance(state.shown.fact, ObjectSeen) else ()
    ),
}
"""The sights that show each variable."""


def instants(entries: Iterable[Entry], names: frozenset[str], begin: float) -> list[VariableState]:
    """The facts of these names, from a time on."""
    found = (entry for entry in entries if type(entry.fact).__name__ in names and entry.at >= begin)
    return [
        VariableState("fact", told(entry), entry, entry.since, entry.at, entry.since, entry.at, instant=True) for entry in found
    ]


def told(entry: Entry) -> dict[str, Any]:
    """One entry of the journal as conditions read it, also with what it leaves out because it is as always."""
    fact: dict[str, Any] = {"seq": entry.seq, "since": entry.since, "at": entry.at, "fact": type(entry.fact).__name__}
    for name in entry.fact.__struct_fields__:
        value = getattr(entry.fact, name)
        fact[name] = value if isinstance(value, _PLAIN) else msgspec.to_builtins(value)
    return fact


def tells_of(world: World, entry: Entry, host: Host) -> bool:
    """Does a fact of an Ironic tell of this host's node?"""
    fact = entry.fact
    if not isinstance(fact, IronicNode | IronicNodeGone):
        return False
    mine = (host.namespace, host.object_name)
    return of_host(fact.name, host) or mine in identities(world).get((fact.ironic, fact.uuid), ())
