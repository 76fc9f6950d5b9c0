"""A rollout replaced exactly the Machines that were not up to date, no more of them at once than its strategy allows, and each host once.

For every KubeadmControlPlane and MachineDeployment: what was up to date stays, what was not goes, and in the end as many run as are wanted,
all of them new. At no time there are more Machines than its surge allows, nor fewer running ones than it lets be missing; a control plane
makes and ends one Machine at a time. A host that got no new Machine keeps its state; one that got one is provisioned once for each, and its
Node does not boot again. It is judged of every step that rolls out.
"""

from collections.abc import Iterator
from itertools import pairwise

from harness.journal.facts import SIDES
from harness.judgement import Judgement, failed, passed, unknown
from harness.world.changes.authors import author
from harness.world.changes.rollouts import (
    MAKERS,
    Rollout,
    is_going,
    is_outdated,
    machines_of,
    maker_of,
    missing_of,
    rollouts,
    surge_of,
)
from harness.world.coverage import SightKey
from harness.world.hosts import host_names
from harness.world.world import ObjectKey, Timeline, Version, World, version_at

PROMISE = False
RUNNING = "Running"


def check(world: World) -> Iterator[Judgement]:
    """Judgements of each maker, and of each host, of the rollout of this stage."""
    for rollout in (it for it in rollouts(world) if it.step == world.stage or not world.stage):
        until = min(rollout.until, world.now)
        if blind := unseen(world, rollout, until):
            yield blind
            continue
        wrong = [*of_makers(world, rollout, until), *of_hosts(world, rollout, until)]
        yield from wrong
        if not rollout.done and not wrong:
            yield unknown(f"step {rollout.step} did not come to its end, so the rollout is not whole")
        elif not wrong:
            names = ", ".join(f"{key.kind} {key.name}" for key, _ in makers(world, rollout, until))
            yield passed(f"the rollout of {names or 'nothing'} replaced what was not up to date, as its strategy has it")


def unseen(world: World, rollout: Rollout, until: float) -> Judgement | None:
    """Why not all of the rollout was seen; None where it was."""
    keys = [SightKey("kube", rollout.side, kind) for kind in ("Machine", "Metal3Machine", "BareMetalHost", *MAKERS)]
    there = [key for key in keys if key.kind not in MAKERS or world.keys(rollout.side, key.kind)]
    blind = world.not_covered(*there, SightKey("kube", "workload", "Node"), needed_from=rollout.since, needed_until=until)
    return unknown(blind.says, evidence=blind.evidence) if blind else None


def makers(world: World, rollout: Rollout, until: float) -> list[tuple[ObjectKey, Version]]:
    """What made Machines when the rollout began, as it was at its end."""
    found = [key for kind in MAKERS for key, _ in world.living(rollout.side, kind, at=rollout.since)]
    ends = [(key, version_at(world.objects[key], until)) for key in found]
    return [(key, version) for key, version in ends if version and version.alive]


def of_makers(world: World, rollout: Rollout, until: float) -> Iterator[Judgement]:
    """What each maker did that its strategy does not have."""
    for key, maker in makers(world, rollout, until):
        yield from kept(world, rollout, key)
        yield from paced(world, rollout, key, maker, until)
        if rollout.done:
            yield from completed(world, key, maker, until)


def kept(world: World, rollout: Rollout, maker: ObjectKey) -> Iterator[Judgement]:
    """Machines that went although they were up to date then."""
    for key in of_maker(world, maker):
        going = next((it for it in world.objects[key] if is_going(it) and rollout.since <= it.entry.at <= rollout.until), None)
        if going and not is_outdated(world, maker, key, going):
            text = f"Machine {key.name} was deleted at {going.entry.at:.1f} s, and was up to date"
            yield failed(f"{text}, {author(world, going)}", host_of(world, key), (going.entry.seq,))


def of_maker(world: World, maker: ObjectKey) -> list[ObjectKey]:
    """Every Machine that a maker ever had."""
    return [key for key in world.keys(maker.cluster, "Machine") if maker_of(world, key) == maker]


def paced(world: World, rollout: Rollout, key: ObjectKey, maker: Version, until: float) -> Iterator[Judgement]:
    """The first moment at which there were too many Machines, too few that ran, or a control plane changed two at once."""
    wanted = int(maker.get("spec", "replicas") or 1)
    most, least = wanted + surge_of(maker), wanted - missing_of(maker)
    entries = [it.entry for one in of_maker(world, key) for it in world.objects[one]]
    moments = sorted({entry.at: entry.seq for entry in entries if rollout.since <= entry.at <= until}.items())
    for at, seq in moments:
        there = [version for _, version in machines_of(world, key, at)]
        going = sum(version.deleting for version in there)
        running = sum(version.get("status", "phase") == RUNNING and not version.deleting for version in there)
        coming = len(there) - going - running
        said = ""
        if len(there) > most:
            said = f"has {len(there)} Machines, and may have {most}"
        elif running < least:
            said = f"has {running} Machines that run, and must have {least}"
        elif key.kind == MAKERS[0] and max(going, coming) > 1:
            said = f"makes {coming} Machines and ends {going} at once, and may do one"
        if said:
            yield failed(f"{key.kind} {key.name} {said} ({at:.1f} s)", evidence=(seq,))
            return


def completed(world: World, key: ObjectKey, maker: Version, until: float) -> Iterator[Judgement]:
    """What is lacking at the end of a rollout."""
    there = machines_of(world, key, until)
    wanted = int(maker.get("spec", "replicas") or 1)
    old = [one.name for one, version in there if is_outdated(world, key, one, version, until)]
    idle = [one.name for one, version in there if version.get("status", "phase") != RUNNING]
    wrong = [f"of {len(there)} Machines {wanted} are wanted"] if len(there) != wanted else []
    wrong += [f"{', '.join(old)} is not up to date"] if old else []
    wrong += [f"{', '.join(idle)} does not run"] if idle else []
    if wrong:
        yield failed(f"{key.kind} {key.name} is not rolled out at the end: {'; '.join(wrong)}", evidence=(maker.entry.seq,))


def of_hosts(world: World, rollout: Rollout, until: float) -> Iterator[Judgement]:
    """Hosts that changed although they were not taken, or were provisioned more often than they were taken."""
    for key in world.keys(rollout.side, "BareMetalHost"):
        timeline = world.objects[key]
        before = version_at(timeline, rollout.since)
        within = [it for it in timeline if rollout.since < it.entry.since and it.entry.at <= until]
        if before is None or not before.alive:
            continue
        taken = new_consumers(before, within)
        name = host_names(world)[key.namespace, key.name]
        yield from (_of_taken if taken or given_up(before, within) else _of_other)(world, name, [before, *within], len(taken))
        yield from booted_again(world, key, name, taken, until)


def new_consumers(before: Version, within: Timeline) -> list[str]:
    """The consumers that a host got."""
    names = [str(it.get("spec", "consumerRef", "name") or "") for it in (before, *within)]
    return [later for earlier, later in pairwise(names) if later and later != earlier]


def given_up(before: Version, within: Timeline) -> bool:
    """Did the host lose its consumer?"""
    return bool(before.get("spec", "consumerRef")) and any(not it.get("spec", "consumerRef") for it in within)


def _of_other(world: World, name: str, versions: Timeline, _: int) -> Iterator[Judgement]:
    """A host that the rollout does not take keeps its state, its image and its power."""
    paths = {"state": ("status", "provisioning", "state"), "power": ("status", "poweredOn"), "image": ("spec", "image", "url")}
    for what, path in paths.items():
        changed = next((it for it in versions[1:] if it.get(*path) != versions[0].get(*path)), None)
        if changed:
            text = f"its {what} became {changed.get(*path)} at {changed.entry.at:.1f} s, and the rollout did not take it"
            yield failed(f"{text}, {author(world, changed, '.'.join(path))}", name, (versions[0].entry.seq, changed.entry.seq))


def _of_taken(world: World, name: str, versions: Timeline, taken: int) -> Iterator[Judgement]:
    """A host is provisioned once for each Machine that it gets, and stays so."""
    states = [str(it.get("status", "provisioning", "state") or "") for it in versions]
    begun = [
        it
        for state, (before, it) in zip(states[1:], pairwise(versions), strict=True)
        if state == "provisioning" != state_of(before)
    ]
    if len(begun) > taken:
        text = f"was provisioned {len(begun)} times, and got {taken} Machine{'s' * (taken != 1)}; again at {begun[taken].entry.at:.1f} s"
        yield failed(f"{text}, {author(world, begun[taken], 'status.provisioning.state')}", name, (begun[taken].entry.seq,))
    ended = [number for number, state in enumerate(states) if state == "provisioned"]
    last = str(versions[-1].get("spec", "consumerRef", "name") or "")
    if taken and last and ended and states[-1] != "provisioned":
        text = f"was provisioned, and is `{states[-1]}` at the end of the rollout"
        yield failed(text, name, (versions[-1].entry.seq,))


def state_of(version: Version) -> str:
    """The provisioning state of a host."""
    return str(version.get("status", "provisioning", "state") or "")


def booted_again(world: World, key: ObjectKey, name: str, taken: list[str], until: float) -> Iterator[Judgement]:
    """The Node of a Machine that the host got shows a second boot."""
    providers = {f"metal3://{key.namespace}/{key.name}/{consumer}" for consumer in taken}
    for node in world.keys("workload", "Node"):
        own = [
            it for it in world.objects[node] if it.alive and it.get("spec", "providerID") in providers and it.entry.at <= until
        ]
        boots = {str(it.get("status", "nodeInfo", "bootID")): it for it in own if it.get("status", "nodeInfo", "bootID")}
        by_provider = {str(it.get("spec", "providerID")) for it in own}
        if len(boots) > len(by_provider):
            last = list(boots.values())[-1]
            yield failed(f"its Node booted again at {last.entry.at:.1f} s, after it had joined", name, (last.entry.seq,))


def host_of(world: World, machine: ObjectKey) -> str | None:
    """The host of a Machine, by its provider's ID; None where it never had one."""
    ids = [str(it.get("spec", "providerID") or "") for it in world.objects[machine]]
    parts = next((each.split("/") for each in reversed(ids) if each.startswith("metal3://")), [])
    known = {(key.namespace, key.name) for side in SIDES for key in world.keys(side, "BareMetalHost")}
    place = (parts[2], parts[3]) if len(parts) > 3 else None
    return host_names(world)[place] if place in known and place else None
