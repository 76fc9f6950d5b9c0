"""The hosts of a run: to whom the promise is made, and what was true of each when it was made."""

from collections import Counter

import msgspec

from harness.journal.entry import FOREVER, Entry
from harness.journal.facts import SIDES, Side
from harness.metal3 import CONTROL_PLANE, DETACHED
from harness.world.changes.users import is_given_up
from harness.world.moves import Move, moves, provisionings, renewed_since, steady_since
from harness.world.releases import release_for
from harness.world.world import ObjectKey, Timeline, Version, World, answered_once, dig, version_at

STEADY = ("provisioned", "externally provisioned")

BEFORE_THE_RUN = -1.0
"""A time that no sight covers: what was before our time."""


class Host(msgspec.Struct, frozen=True, eq=False):
    """One BareMetalHost, over both clusters; `name` is unique in the run: its bare name, or `namespace/name` where that stands twice.

    `baseline` is its version in `origin` when the first move began (without a move: when watching began, or when the run had
    provisioned it). The promise holds from `since` (seconds; infinite without a move) to `until` (infinite, or when the user
    deleted the Cluster; `doubt` tells why that is not sure), or a rollout took it (`taken`). Where hosts are promised to be steady, both
    are of the begin of that time; so are they where a rollout of this run had replaced Machines before. `appeared`: it did not exist
    when watching began. Where the move had begun before anybody watched, `since` is before the run's begin: no sight covers that time,
    and the baseline is the first version that was ever seen.
    """

    name: str
    namespace: str
    origin: str
    baseline: Version
    since: float
    until: float
    appeared: bool = False
    doubt: str = ""
    taken: bool = False
    record: str = ""
    """The name by which the sights on BMCs tell of its server."""

    @property
    def object_name(self) -> str:
        """Its bare name, as its own cluster has it."""
        return self.name.rpartition("/")[2]

    @property
    def state(self) -> str:
        """The provisioning state that it must keep."""
        return str(self.baseline.get("status", "provisioning", "state") or "")

    @property
    def claimed(self) -> bool:
        """Is it in use by a Machine?"""
        return bool(self.baseline.get("spec", "consumerRef"))

    @property
    def detached(self) -> bool:
        """Had its user detached it before the move, so that no Ironic manages it?"""
        return DETACHED in self.baseline.annotations

    @property
    def begins(self) -> float:
        """From when on what happens to it counts (seconds): from the move's begin, without a move from the baseline on."""
        return self.since if self.since < float("inf") else self.baseline.entry.at

    def concerns(self, since: float, at: float) -> bool:
        """Can an event between these two times break the promise?

        The last boot of a host provisioned during the run may be seen after its final state; it happened before the move.
        """
        first = self.begins
        return first <= at and not (self.appeared and since < first and at <= self.since)

    def holds(self, entry: Entry) -> bool:
        """Did this happen while the promise held? Of a host that a rollout took only what surely did: it is wiped from then on."""
        return entry.at <= self.until if self.taken else entry.since < self.until

    def versions(self, world: World, cluster: str) -> Timeline:
        """Its versions in one cluster from the baseline on, as long as the promise holds."""
        return promised_versions(world, self, cluster)

    def seen(self, world: World) -> list[tuple[Side, Version]]:
        """Its living versions in both clusters, in the order in which they were seen."""
        return living_versions(world, self)


@answered_once
def promised_versions(world: World, host: Host, cluster: str) -> Timeline:
    """A host's versions in one cluster from its baseline on, as long as the promise holds."""
    timeline = world.timeline(cluster, "BareMetalHost", host.namespace, host.object_name)
    first = host.baseline.entry.at
    return [version for version in timeline if first <= version.entry.at and host.holds(version.entry)]


@answered_once
def living_versions(world: World, host: Host) -> list[tuple[Side, Version]]:
    """A host's living versions in both clusters, in the order in which they were seen."""
    found = [(side, version) for side in SIDES for version in promised_versions(world, host, side) if version.alive]
    return sorted(found, key=lambda item: item[1].entry.seq)


@answered_once
def hosts(world: World) -> list[Host]:
    """Every host that existed when the promise was made, in order of name."""
    all_moves = moves(world)
    found = [baseline_of(world, namespace, name, all_moves) for namespace, name in host_names(world)]
    return sorted((host for host in found if host), key=lambda host: host.name)


@answered_once
def hosts_by_name(world: World) -> dict[str, Host]:
    """The same by the name by which each is told."""
    return {host.name: host for host in hosts(world)}


@answered_once
def host_names(world: World) -> dict[tuple[str, str], str]:
    """Namespace and name of each BareMetalHost that was ever seen -> by what it is told: its bare name while no other one bears it."""
    keys = dict.fromkeys((key.namespace, key.name) for side in SIDES for key in world.keys(side, "BareMetalHost"))
    count = Counter(name for _, name in keys)
    return {key: key[1] if count[key[1]] == 1 else "/".join(key) for key in keys}


def recorded_as(world: World, namespace: str, name: str) -> str:
    """The name by which the sights on BMCs tell of a host's server: bare in the namespace that the run is about."""
    own = {world.run.namespace} if world.run and world.run.namespace else {key.namespace for key in clusters(world)}
    return name if own == {namespace} else host_names(world)[namespace, name]


def clusters(world: World) -> list[ObjectKey]:
    """Every Cluster that was ever seen on either side."""
    return [key for side in SIDES for key in world.keys(side, "Cluster")]


def baseline_of(world: World, namespace: str, name: str, all_moves: list[Move]) -> Host | None:
    """The host as it was when the first move began, or the steady time; None where it did not exist then."""
    order = (all_moves[0].origin, all_moves[0].destination) if all_moves else SIDES
    begun = steady_since(world)
    steady = renewed_since(world) if begun is None else begun
    for side in order:
        timeline = world.timeline(side, "BareMetalHost", namespace, name)
        if steady is not None:
            version = version_at(timeline, steady)
        else:
            version = at_the_beginning(timeline, all_moves[0]) if all_moves else first_steady(world, timeline)
        if version and version.alive:
            since = promise_since(all_moves) if steady is None else steady
            release = release_for(world, ObjectKey(side, "BareMetalHost", namespace, name), timeline)
            until, doubt, taken = (release.at, release.doubt, release.taken) if release else (FOREVER, "", False)
            appeared = timeline[0].change != "listed"
            told, record = host_names(world)[namespace, name], recorded_as(world, namespace, name)
            return Host(told, namespace, side, version, since, until, appeared=appeared, doubt=doubt, taken=taken, record=record)
    return None


def at_the_beginning(timeline: Timeline, move: Move) -> Version | None:
    """The version when the move began; the first one ever seen where it had begun before the watch showed the host."""
    known = version_at(timeline, move.since)
    return timeline[0] if known is None and timeline and timeline[0].change == "listed" else known


def promise_since(all_moves: list[Move]) -> float:
    """From when on the promise must hold (seconds): infinite without a move, before the run where nobody saw the move begin."""
    if not all_moves:
        return float("inf")
    return BEFORE_THE_RUN if all_moves[0].begun_before else all_moves[0].since


def first_steady(world: World, timeline: Timeline) -> Version | None:
    """The version in the first list, if the object existed before watching began; else the one after provisioning."""
    if timeline and timeline[0].change == "listed":
        return timeline[0]
    ends = provisionings(world)
    return version_at(timeline, ends[-1]) if ends else None


@answered_once
def promised(world: World) -> list[Host]:
    """The hosts to whom the promise is made: those that run something, and all where the lab protects the unclaimed.

    A host of which no move took notice is none of them, but see `residents`.
    """
    protect = world.run is not None and world.run.unclaimed == "protect"
    concerned = [host for host in hosts(world) if not stands_aside(world, host) and not is_at_home(world, host)]
    return [host for host in concerned if protect or runs_something(world, host)]


def stands_aside(world: World, host: Host) -> bool:
    """Is it in another namespace than the run is about, and does it stay where it was?"""
    if not world.run or world.run.namespace in ("", host.namespace):
        return False
    other = next(side for side in SIDES if side != host.origin)
    here, there = (world.timeline(side, "BareMetalHost", host.namespace, host.object_name) for side in (host.origin, other))
    return here[-1].alive and not there


def is_at_home(world: World, host: Host) -> bool:
    """Did it live in the destination all the time, with a Cluster of its own, so that no move ever took notice of it?"""
    origins = {move.origin for move in moves(world)}
    other = next(side for side in SIDES if side != host.origin)
    # Who was on his way already when the watch began may have left nothing in his origin.
    lived = host.baseline.entry.at <= host.since < float("inf")
    elsewhere = world.timeline(other, "BareMetalHost", host.namespace, host.object_name)
    return lived and bool(origins) and host.origin not in origins and not elsewhere


def runs_something(world: World, host: Host) -> bool:
    """Did a server run something when the promise was made: is it claimed, is an image on it, or is it a Node?"""
    status = host.baseline.get("status", "provisioning") or {}
    imaged = isinstance(status, dict) and bool(dig(status, "image", "url") or dig(status, "customDeploy", "method"))
    wanted = host.state == "provisioning" and bool(host.baseline.get("spec", "image"))
    return host.claimed or host.state in STEADY or imaged or wanted or is_node(world, host)


def is_node(world: World, host: Host) -> bool:
    """Is it a Node of the workload cluster, by the provider ID that CAPM3 gives it?"""
    return f"metal3://{host.namespace}/{host.object_name}/" in providers_of_nodes(
        world, renewed_since(world) or steady_since(world)
    )


@answered_once
def providers_of_nodes(world: World, at: float | None) -> set[str]:
    """The provider IDs of all Nodes now, or of those that were there at a time, up to their last slash: namespace and name of the host.

    One that was first seen in a list may have been there at any time.
    """
    living = (version for key, version in world.living("workload", "Node") if was_there(world.objects[key], at))
    told = (str(version.get("spec", "providerID") or "") for version in living)
    return {provider[: end + 1] for provider in told for end, sign in enumerate(provider) if sign == "/"}


def was_there(timeline: Timeline, at: float | None) -> bool:
    """Was there a Node at this time, of the provider's ID that it has now?"""
    then = version_at(timeline, at) or (timeline[0] if timeline[0].change == "listed" else None)
    return then is not None and then.get("spec", "providerID") == timeline[-1].get("spec", "providerID")


@answered_once
def residents(world: World) -> list[Host]:
    """The hosts that run an image and that no move took notice of: they stay with their owner, and nobody reprovisions them.

    What else is promised of a pivot's hosts is not promised of them: their Machines and their network are their own Cluster's affair, and
    one whose Machine is given up is deprovisioned, as its user wants it.
    """
    asked = bool(moves(world)) or steady_since(world) is not None
    apart = [host for host in hosts(world) if stands_aside(world, host) or is_at_home(world, host)]
    return [host for host in apart if asked and host.state in STEADY and not is_given_up(world, consumer_of(host), host.begins)]


def consumer_of(host: Host) -> ObjectKey:
    """The Metal3Machine that claims it, in the cluster where it was when the promise was made; of an empty name where none does."""
    name = str(host.baseline.get("spec", "consumerRef", "name") or "")
    return ObjectKey(host.origin, "Metal3Machine", host.namespace, name)


@answered_once
def guarded(world: World) -> list[Host]:
    """The hosts that nobody may reprovision: those to whom the promise of a pivot is made, and the residents."""
    return sorted([*promised(world), *residents(world)], key=lambda host: host.name)


def unpromised(world: World) -> list[Host]:
    """The hosts that are only reported."""
    named = {host.name for host in guarded(world)}
    return [host for host in hosts(world) if host.name not in named]


def first_worker(world: World) -> Host | None:
    """The first claimed host that is no control plane, or the first claimed one where all are; None where nobody claims a host."""
    claimed = [host for host in promised(world) if host.claimed]
    workers = [host for host in claimed if not is_control_plane(world, host)]
    return next(iter(workers or claimed), None)


def is_control_plane(world: World, host: Host) -> bool:
    """Does a control-plane Metal3Machine claim it?"""
    consumer = host.baseline.get("spec", "consumerRef", "name")
    machines = [one for side in SIDES for one in world.living(side, "Metal3Machine") if one[0].namespace == host.namespace]
    return any(key.name == consumer and CONTROL_PLANE in version.labels for key, version in machines)
