"""The rollouts that steps of this run asked for, and which Machines they replace by the will of who asked.

A Machine is replaced by a rollout where it goes while the rollout goes on, and is not what its maker wants by then: of another version, or
made from another template. Whatever else goes is harm.
"""

from typing import Any, NamedTuple

from harness.journal.entry import FOREVER
from harness.journal.facts import SIDES, StepBegan, StepEnded
from harness.metal3 import DELETE_FOR_MOVE
from harness.world.moved_kinds import kind_of
from harness.world.moves import ROLLOUT_WORDS
from harness.world.world import ObjectKey, Version, World, answered_once, dig, version_at

MAKERS = ("KubeadmControlPlane", "MachineDeployment")
"""What rolls out, in the order in which it does."""

CLONED_FROM = "cluster.x-k8s.io/cloned-from-name"
VERSIONS = {"KubeadmControlPlane": ("spec", "version"), "MachineDeployment": ("spec", "template", "spec", "version")}
TEMPLATES = {
    "KubeadmControlPlane": ("spec", "machineTemplate", "spec", "infrastructureRef", "name"),
    "MachineDeployment": ("spec", "template", "spec", "infrastructureRef", "name"),
}
ROLLING = ("spec", "rollout", "strategy", "rollingUpdate")


class Rollout(NamedTuple):
    """One step that rolls out, in the cluster `side`, from when to when (seconds; infinite while it goes on)."""

    step: str
    side: str
    since: float
    until: float
    done: bool


class Replaced(NamedTuple):
    """A Machine that a rollout replaces: of which maker, and the version by which it is on its way out."""

    rollout: Rollout
    maker: ObjectKey
    machine: ObjectKey
    going: Version


@answered_once
def rollouts(world: World) -> list[Rollout]:
    """Every step of this run that rolls out, in order."""
    ends = {entry.fact.step: entry for entry in world.steps if isinstance(entry.fact, StepEnded)}
    found: list[Rollout] = []
    for entry in world.steps:
        if isinstance(entry.fact, StepBegan) and entry.fact.word in ROLLOUT_WORDS:
            end = ends.get(entry.fact.step)
            done = end is not None and isinstance(end.fact, StepEnded) and end.fact.how == "done"
            side = str(entry.fact.arguments.get("cluster") or SIDES[1])
            found.append(Rollout(entry.fact.step, side, entry.since, end.at if end else FOREVER, done))
    return found


@answered_once
def replaced(world: World) -> list[Replaced]:
    """Every Machine that a rollout replaces, in the order of the rollouts."""
    found: list[Replaced] = []
    for rollout in rollouts(world):
        for key in world.keys(rollout.side, "Machine"):
            going = next(
                (it for it in world.objects[key] if is_going(it) and rollout.since <= it.entry.at <= rollout.until), None
            )
            maker = maker_of(world, key)
            if going and maker and is_outdated(world, maker, key, going):
                found.append(Replaced(rollout, maker, key, going))
    return found


def is_going(version: Version) -> bool:
    """Is the object on its way out in this version, or gone, and not by a move?"""
    return (version.deleting or not version.alive) and DELETE_FOR_MOVE not in version.annotations


def maker_of(world: World, machine: ObjectKey) -> ObjectKey | None:
    """The KubeadmControlPlane or MachineDeployment that a Machine belongs to, by its owners; None where it stands alone."""
    pending = [machine]
    while pending:
        key = pending.pop()
        if key.kind in MAKERS:
            return key
        owners = [ref for it in world.objects.get(key, ())[-1:] for ref in it.metadata.get("ownerReferences") or ()]
        pending += [key._replace(kind=kind_of(ref), name=str(ref.get("name") or "")) for ref in owners if isinstance(ref, dict)]
    return None


def is_outdated(world: World, maker: ObjectKey, machine: ObjectKey, version: Version, at: float | None = None) -> bool:
    """Is this version of a Machine not what its maker wanted then, or at a time? Not known of a maker that nobody saw: then it is not."""
    wanted = version_at(world.objects.get(maker, []), version.entry.at if at is None else at)
    if wanted is None:
        return False
    if version.get("spec", "version") != version_of(maker.kind, wanted.body):
        return True
    made_from = cloned_from(world, machine, version)
    return bool(made_from) and made_from != template_of(maker.kind, wanted.body)


def cloned_from(world: World, machine: ObjectKey, version: Version) -> str:
    """The template that the Metal3Machine of a Machine was made from; empty where that was not seen."""
    name = str(version.get("spec", "infrastructureRef", "name") or "")
    timeline = world.timeline(machine.cluster, "Metal3Machine", machine.namespace, name)
    return next((it.annotations[CLONED_FROM] for it in timeline if CLONED_FROM in it.annotations), "")


def machines_of(world: World, maker: ObjectKey, at: float | None = None) -> list[tuple[ObjectKey, Version]]:
    """The Machines of a maker that are there now, or at a time (seconds)."""
    living = world.living(maker.cluster, "Machine", at=at)
    return [(key, version) for key, version in living if maker_of(world, key) == maker]


def version_of(kind: str, body: Any) -> str:
    """The Kubernetes version of the Machines that a maker makes; empty where it tells none."""
    return str(dig(body, *VERSIONS[kind]) or "")


def template_of(kind: str, body: Any) -> str:
    """The name of the template of the Machines that a maker makes; empty where it tells none."""
    return str(dig(body, *TEMPLATES[kind]) or "")


def surge_of(maker: Version) -> int:
    """How many Machines more than wanted a rollout of it makes; Cluster API's default is 1."""
    return amount(maker.get(*ROLLING, "maxSurge"), maker, 1, up=True)


def missing_of(maker: Version) -> int:
    """How many Machines fewer than wanted may run while it rolls out: of a control plane one where it makes none more."""
    if "machineTemplate" in (maker.get("spec") or {}):
        return 0 if surge_of(maker) else 1
    return amount(maker.get(*ROLLING, "maxUnavailable"), maker, 0, up=False)


def amount(value: Any, maker: Version, default: int, *, up: bool) -> int:
    """A number of Machines, or a share of those that are wanted."""
    if not isinstance(value, str):
        return value if isinstance(value, int) else default
    share = int(value.rstrip("%")) * int(maker.get("spec", "replicas") or 1)
    return -(-share // 100) if up else share // 100
