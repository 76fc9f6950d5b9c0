"""The cluster that owns the hosts has their managers at the end, and the one they left does not get its own back while copies are left.

A Baremetal Operator or a provider's controller that is scaled to nothing, or has no Pod that serves, manages nobody. One that is restarted
is as before. Which Deployments are managers: those in the namespaces of clusterctl's providers and of the Ironics, and every Baremetal
Operator by its name.
"""

from collections.abc import Iterator

from harness.judgement import Judgement, failed, passed, unknown
from harness.world.carried.installed import OPERATOR
from harness.world.changes.authors import author
from harness.world.coverage import SightKey
from harness.world.hosts import Host, promised
from harness.world.moves import JudgedMove, judged_moves
from harness.world.world import ObjectKey, Timeline, Version, World, version_at

ORDER = 125
NEEDS_MOVE = True
MODES = ("run", "watch")
HEAL_SECONDS = 60.0
"""A manager that is down for less than this may be restarting."""


def check(world: World) -> Iterator[Judgement]:
    """One judgement a promised host."""
    judged = judged_moves(world)
    for host in promised(world):
        yield judge(world, host, judged[-1]) if judged else unknown("no move took place", host.name)


def judge(world: World, host: Host, leg: JudgedMove) -> Judgement:
    """Look at the managers of both sides."""
    side = leg.move.destination
    known = managers(world, side)
    blind = world.not_covered(*(SightKey("kube", each, "Deployment") for each in (leg.move.origin, side)), needed_from=host.since)
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    if not any(OPERATOR in key.name for key in known):
        return unknown(f"no Deployment of a Baremetal Operator was seen to serve in the {side}", host.name)
    found = [wrong for key in known if (wrong := down(world, host, key))]
    found += [wrong for key in operators(world, leg.move.origin) if (wrong := started_again(world, host, key, leg))]
    if found:
        return next((it for it in found if it.verdict == "fail"), found[0])
    # What is known to be down is so; which others there are, and whether a copy is left, was not seen without these.
    needed = (SightKey("kube", side, "Provider"), SightKey("kube", leg.move.origin, "BareMetalHost"))
    if blind := world.not_covered(*needed, needed_from=host.since):
        return unknown(blind.says, host.name, blind.evidence)
    return passed(f"its managers serve in the {side}", host.name, [world.objects[key][-1].entry.seq for key in known])


def operators(world: World, side: str) -> list[ObjectKey]:
    """The Deployments of Baremetal Operators."""
    return [key for key in world.keys(side, "Deployment") if OPERATOR in key.name]


def managers(world: World, side: str) -> list[ObjectKey]:
    """The Deployments of managers that served at any time of the run."""
    places = {key.namespace for key in world.keys(side, "Provider")}
    places |= {place.namespace for name, place in world.run.ironics.items() if name == side} if world.run else set()
    own = [key for key in world.keys(side, "Deployment") if OPERATOR in key.name or key.namespace in places]
    return [key for key in own if any(serves(version) for version in world.objects[key])]


def serves(version: Version) -> bool:
    """Is it wanted, and does a Pod of it serve?"""
    return version.alive and version.get("spec", "replicas") != 0 and bool(version.get("status", "availableReplicas"))


def down(world: World, host: Host, key: ObjectKey) -> Judgement | None:
    """A manager that does not serve at the end."""
    timeline = world.objects[key]
    if serves(timeline[-1]):
        return None
    first = last_run(timeline)
    whose = author(world, first)
    text = f"{key.name} of the {key.cluster} does not serve since {first.entry.at:.1f} s, {whose}"
    if world.lag.kept(first.entry.at, world.seen_until(SightKey("kube", key.cluster, "Deployment"))) < HEAL_SECONDS / world.speed:
        return unknown(f"{text}; the run ended too early to tell whether it comes back", host.name, (first.entry.seq,))
    return failed(text, host.name, (first.entry.seq,))


def last_run(timeline: Timeline) -> Version:
    """The first version of the last ones that do not serve; it served before."""
    place = max(number for number, version in enumerate(timeline) if serves(version))
    return timeline[place + 1]


def started_again(world: World, host: Host, key: ObjectKey, leg: JudgedMove) -> Judgement | None:
    """A Baremetal Operator that the origin did not have when the move began, and has while the host's copy is there."""
    timeline = world.objects[key]
    before = version_at(timeline, leg.move.since)
    if before is None or serves(before) or before.get("spec", "replicas"):
        return None
    copy = world.timeline(key.cluster, "BareMetalHost", host.namespace, host.object_name)
    for version in timeline:
        there = version_at(copy, version.entry.since)
        wanted = version.alive and bool(version.get("spec", "replicas"))
        if leg.move.since < version.entry.at and version.entry.since < leg.until and wanted and there and there.alive:
            whose = author(world, version, "spec.replicas")
            text = f"{key.name} of the {key.cluster} was started again at {version.entry.at:.1f} s, while its copy was there, {whose}"
            return unknown(text, host.name, (version.entry.seq, there.entry.seq))
    return None
