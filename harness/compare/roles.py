"""Who a host is in a leg: control plane, worker or spare, since every lab names its hosts as it likes; and its Machines."""

import re

from harness.compare.versions import versions_in
from harness.journal.facts import SIDES
from harness.metal3 import CONTROL_PLANE
from harness.world.moves import Leg
from harness.world.world import ObjectKey, World


def roles(world: World, leg: Leg) -> list[tuple[str, str]]:
    """(role, name) of every host of the leg: control planes first, then workers, then spares, each in order of name."""
    names = sorted({key.name for key in host_keys(world) if any(versions_in(world.objects[key], leg))}, key=natural)
    kinds: dict[str, list[str]] = {"control plane": [], "worker": [], "spare": []}
    for name in names:
        kinds[role_of(world, leg, name)].append(name)
    return [(f"{kind} {number}", name) for kind, found in kinds.items() for number, name in enumerate(found, 1)]


def host_keys(world: World) -> list[ObjectKey]:
    """Every BareMetalHost ever seen, in any cluster."""
    return [key for cluster in SIDES for key in world.keys(cluster, "BareMetalHost")]


def natural(name: str) -> list[tuple[int, str]]:
    """Sorts `host10` behind `host9`."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def role_of(world: World, leg: Leg, name: str) -> str:
    """The host's role in the leg: control plane by its Machine's label, spare if unclaimed, else worker."""
    machines = machine_names(world, leg, name)
    if not machines["Metal3Machine"]:
        return "spare"
    labelled = (
        version.labels
        for key in keys_named(world, "Machine", machines["Machine"])
        for version, _ in versions_in(world.objects[key], leg)
    )
    return "control plane" if any(CONTROL_PLANE in labels for labels in labelled) else "worker"


def machine_names(world: World, leg: Leg, name: str) -> dict[str, set[str]]:
    """The names of the Metal3Machines that claimed a host in the leg, and of their Machines."""
    versions = [version for key in host_keys(world) if key.name == name for version, _ in versions_in(world.objects[key], leg)]
    claims = {version.get("spec", "consumerRef", "name") for version in versions} - {None}
    owners = {
        owner["name"]
        for key in keys_named(world, "Metal3Machine", claims)
        for version, _ in versions_in(world.objects[key], leg)
        for owner in version.metadata.get("ownerReferences") or []
        if owner.get("kind") == "Machine"
    }
    return {"Metal3Machine": claims, "Machine": owners}


def keys_named(world: World, kind: str, names: set[str]) -> list[ObjectKey]:
    """The objects of a kind with one of these names, in both clusters."""
    return [key for cluster in SIDES for key in world.keys(cluster, kind) if key.name in names]
