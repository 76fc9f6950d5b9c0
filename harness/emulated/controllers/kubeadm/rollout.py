"""What a KubeadmControlPlane does next with its Machines. Pure.

Upstream: one Machine is made or deleted at a time, and only while all others are well. A rollout makes a Machine first where the surge
lets it, else it deletes the oldest of those that are not up to date.
"""

from typing import NamedTuple

from harness.emulated.controllers.objects import is_deleted
from harness.emulated.kube.client import Json
from harness.emulated.kube.conditions import is_true

CLONED_FROM = "cluster.x-k8s.io/cloned-from-name"


class Act(NamedTuple):
    """One Machine more, or this one less; neither where there is nothing to do, or something to wait for."""

    create: bool = False
    delete: Json | None = None


def is_up_to_date(plane: Json, machine: Json, infrastructure: Json | None) -> bool:
    """Is a Machine of the version that is wanted, and its Metal3Machine of the template?"""
    cloned = ((infrastructure or {}).get("metadata") or {}).get("annotations", {}).get(CLONED_FROM, "")
    same_version: bool = machine["spec"].get("version") == plane["spec"]["version"]
    return same_version and cloned in ("", template_of(plane))


def template_of(plane: Json) -> str:
    """The name of the template of a plane's Machines."""
    name: str = plane["spec"]["machineTemplate"]["spec"]["infrastructureRef"]["name"]
    return name


def surge_of(plane: Json) -> int:
    """How many Machines more than wanted a rollout may make."""
    rolling = plane["spec"].get("rollout", {}).get("strategy", {}).get("rollingUpdate", {})
    return int(rolling.get("maxSurge", 1))


def next_act(plane: Json, machines: list[Json], outdated: list[Json]) -> Act:
    """What is to be done now with these Machines, of which some are outdated."""
    wanted = plane["spec"].get("replicas", 1)
    if not machines:
        return Act(create=wanted > 0)
    if any(is_deleted(each) for each in machines) or not all(is_well(each) for each in machines):
        return Act()
    if len(machines) < wanted or (outdated and len(machines) < wanted + surge_of(plane)):
        return Act(create=True)
    if outdated or len(machines) > wanted:
        return Act(delete=oldest(outdated or machines))
    return Act()


def is_well(machine: Json) -> bool:
    """Does it run, on a Node that is ready?"""
    return machine.get("status", {}).get("phase") == "Running" and is_true(machine, "NodeHealthy")


def oldest(machines: list[Json]) -> Json:
    """The one that was made first."""
    return min(machines, key=lambda each: (each["metadata"]["creationTimestamp"], each["metadata"]["name"]))
