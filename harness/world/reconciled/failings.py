"""Does its new cluster reconcile what was carried? Each version of an object there, beside the last one in its old cluster.

What controllers had bound (addresses, indexes, Nodes, rendered data) must be bound to the same again; what was ready must be ready
again. A value that is another one is seen in any version; that something is missing, or not ready, is told by the end alone.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from itertools import takewhile
from typing import NamedTuple

from harness.judgement import Judgement, failed, unknown
from harness.world.carried.installed import is_newer
from harness.world.changes.authors import author
from harness.world.coverage import NotCovered, SightKey
from harness.world.hosts import Host
from harness.world.ironic.progress import settled_for
from harness.world.moved_kinds import GROUPS, MOVING
from harness.world.moved_objects import expected
from harness.world.moves import JudgedMove, tried_since
from harness.world.reconciled.status import REBUILT, bound, lacking, other, paused, unwell
from harness.world.releases import held_until
from harness.world.world import ObjectKey, Timeline, Version, World, answered_once, version_at

READY_SECONDS = 60.0
"""So long after a move all is ready in recorded pivots, twice over."""
FLAP_SECONDS = 30.0
"""A condition that is bad for less than that may be good again soon."""
BROKEN_PHASES = ("Failed", "Deleting", "Deleted")
ORDERS = ("cluster.x-k8s.io/delete-machine", "cluster.x-k8s.io/remediate-machine")
"""Annotations by which somebody orders that a server is given up."""
NOT_RECONCILED = ("BareMetalHost", "HardwareData", "Secret", "ConfigMap")
"""Kinds without such a status, or with a check of their own."""
RECONCILED = tuple(kind for kind in MOVING if kind not in NOT_RECONCILED)
SHOWN = 4


class Failing(NamedTuple):
    """What is wrong with an object; `seen`: by an entry alone, else by what did not come, which needs to have been looked for."""

    says: str
    evidence: tuple[int, ...]
    seen: bool = False
    certain: bool = True


@answered_once
def carried(world: World, leg: JudgedMove) -> dict[ObjectKey, Version]:
    """What a move carried and controllers reconcile, as it was when the move was first tried; of other kinds nobody knows the status."""
    before = expected(world, leg.move.origin, tried_since(world, leg.move))
    return {key: version for key, version in before.items() if key.kind in GROUPS and key.kind not in NOT_RECONCILED}


@answered_once
def machines_of(world: World, host: Host, leg: JudgedMove) -> dict[ObjectKey, Version]:
    """The host's own Machine and Metal3Machine as they were when a move began."""
    consumer = host.baseline.get("spec", "consumerRef", "name")
    return dict(by_consumer(world, leg).get((host.namespace, str(consumer)), ())) if consumer else {}


@answered_once
def by_consumer(world: World, leg: JudgedMove) -> dict[tuple[str, str], list[tuple[ObjectKey, Version]]]:
    """The Machines and Metal3Machines that a move carried, by their namespace and the name of the Metal3Machine."""
    found: dict[tuple[str, str], list[tuple[ObjectKey, Version]]] = defaultdict(list)
    for key, version in carried(world, leg).items():
        if key.kind == "Metal3Machine":
            found[key.namespace, key.name].append((key, version))
        elif key.kind == "Machine":
            found[key.namespace, str(version.get("spec", "infrastructureRef", "name"))].append((key, version))
    return found


def failings(world: World, key: ObjectKey, before: Version, leg: JudgedMove) -> Iterator[Failing]:
    """Everything that is wrong with one carried object in the destination."""
    there = key.in_cluster(leg.move.destination)
    whole = world.objects.get(there, [])
    tried, until = tried_since(world, leg.move), held_until(world, there, whole, leg.until)
    own = [it for it in whole if tried < it.entry.at and it.entry.since < until and it.alive]
    good: Version | None = None
    for version in own:
        if good and shows_the_same(good, version):
            continue
        found = list(of_version(world, there, before, version))
        good = None if found else version
        yield from found
    last = version_at(whole, until)
    if own and leg.last and last and last.alive:
        yield from of_end(world, there, before, own, leg._replace(until=until))


def shows_the_same(before: Version, after: Version) -> bool:
    """Is all that is looked at in a version the very same as in the one before it?"""
    annotations = (it.metadata.get("annotations") for it in (before, after))
    return before.body.get("status") is after.body.get("status") and next(annotations) is next(annotations)


def of_version(world: World, key: ObjectKey, before: Version, version: Version) -> Iterator[Failing]:
    """What one version shows that must never be."""
    name, evidence = f"{key.kind} {key.name}", (before.entry.seq, version.entry.seq)
    place = f"in the {key.cluster} at {version.entry.at:.1f} s"
    phase = version.get("status", "phase")
    if phase in BROKEN_PHASES and before.get("status", "phase") != phase:
        yield Failing(f"{name} is {phase} {place}", evidence, seen=True)
    for order in ORDERS:
        if order in version.annotations and order not in before.annotations:
            whose = author(world, version, f"annotation {order}")
            yield Failing(f"{name} bears {order} {place}, {whose}", evidence, seen=True)
    for path in other(bound(before), bound(version)):
        yield Failing(f"{name} has another status.{path} {place}", evidence, seen=True)


def of_end(world: World, key: ObjectKey, before: Version, own: Timeline, leg: JudgedMove) -> Iterator[Failing]:
    """What must be there again at the end."""
    last, name = own[-1], f"{key.kind} {key.name}"
    sight = SightKey("kube", key.cluster, key.kind)
    for says in paused(before, last):
        first = trailing(own, before, paused, says)
        whose = author(world, first)
        yield Failing(
            f"{name} is paused in the {key.cluster} by {says} since {first.entry.at:.1f} s, {whose}", (first.entry.seq,)
        )
    for path in lacking(before, last):
        first = trailing(own, before, lacking, path)
        if first is own[0] and path.split(".")[1] not in REBUILT:
            continue
        certain = first is not own[0] or settled_for(world, leg, sight) >= READY_SECONDS / world.speed
        yield Failing(
            f"{name} has no {path} in the {key.cluster} as it had before", (before.entry.seq, first.entry.seq), certain=certain
        )
    worse = partial(unwell, newer=is_newer(world, leg, at_the_end=True))
    for says in worse(before, last):
        first = trailing(own, before, worse, says)
        certain = settled_for(world, leg, sight, since=first.entry.at) >= FLAP_SECONDS / world.speed
        text = f"{name} is not as before in the {key.cluster} since {first.entry.at:.1f} s: {says}"
        yield Failing(text, (before.entry.seq, first.entry.seq), certain=certain)


def trailing(own: Timeline, before: Version, question: Callable[[Version, Version], list[str]], answer: str) -> Version:
    """The first of the last versions to which a question had this answer without a break."""
    return list(takewhile(lambda it: answer in question(before, it), reversed(own)))[-1]


def judged_failings(found: list[Failing], blind: NotCovered | None, host: str | None) -> Judgement | None:
    """A failure that was seen fails; what did not come does so only where nothing was missed and there was time enough."""
    proven = [it for it in found if it.seen or (it.certain and not blind)]
    if proven:
        return told(proven, host, "fail")
    if blind:
        return unknown(blind.says, host, blind.evidence)
    return told(found, host, "unknown") if found else None


def told(found: list[Failing], host: str | None, verdict: str) -> Judgement:
    """The first few, and how many more there are."""
    texts = list(dict.fromkeys(it.says for it in found))
    more = f"; and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    evidence = sorted({seq for it in found for seq in it.evidence})
    return (failed if verdict == "fail" else unknown)("; ".join(texts[:SHOWN]) + more, host, evidence)
