"""The objects of a pivot: which must move, what must be equal afterwards, and which host an object belongs to.

Relations and permitted differences follow Cluster API (soft ownership of cluster secrets), Metal3, and the fields that recorded good
pivots show to change.
"""

from typing import NamedTuple

from harness.journal.facts import SIDES
from harness.world.hosts import host_names, hosts
from harness.world.moved_kinds import BESIDE, MOVING, NOT_MOVING, RELATED, is_labelled_to_move, kind_of
from harness.world.world import ObjectKey, Version, World, answered_once

NEVER_NEW = (
    "Machine",
    "MachineSet",
    "Metal3Machine",
    "Metal3Data",
    "Metal3DataClaim",
    "IPPool",
    "IPClaim",
    "IPAddress",
    "HardwareData",
    "Metal3Remediation",
)
"""What nobody makes in a cluster that has just got all of it, but a rollout, a scaling, or a controller that goes astray."""

CLAIMING = ("Machine", "Metal3Machine")
"""What a host is in use by."""
SOFT_OWNED = ("kubeconfig", "ca", "etcd", "sa", "proxy")
NAMED_SECRETS = (
    ("spec", "userData", "name"),
    ("spec", "metaData", "name"),
    ("spec", "networkData", "name"),
    ("spec", "preprovisioningNetworkDataName"),
    ("spec", "image", "ociAuthSecretName"),
)
"""Where a host's spec names Secrets, besides its BMC's: without them it cannot be provisioned again."""


class ObjectMismatch(NamedTuple):
    """One mismatch. `seen`: proven by observed objects; if false, it is an absence and needs complete coverage.

    `unsure`: what was seen does not tell whether anything is wrong.
    """

    key: ObjectKey
    says: str
    evidence: tuple[int, ...]
    seen: bool = False
    unsure: bool = False


@answered_once
def expected(world: World, origin: str, at: float) -> dict[ObjectKey, Version]:
    """The objects in `origin` at a time that a whole move must carry."""
    found = {key: version for kind in MOVING for key, version in world.living(origin, kind, at=at) if in_scope(world, key)}
    clusters = {(key.namespace, key.name) for key in found if key.kind == "Cluster"}
    owners = {identity(key) for key in found}
    hosts = [(key.namespace, version) for key, version in found.items() if key.kind == "BareMetalHost"]
    bmc = {(place, str(version.get("spec", "bmc", "credentialsName"))) for place, version in hosts}
    named = {(place, name) for place, version in hosts for name in named_secrets(version)}
    namespaces = {key.namespace for key in found}
    related = {
        key: version
        for kind in RELATED
        for key, version in world.living(origin, kind, at=at)
        if key.namespace in namespaces
        and ((kind == "Secret" and key[2:] in bmc | named) or moves_along(key, version, clusters, owners))
    }
    return found | related | others(world, origin, at, owners)


def in_scope(world: World, key: ObjectKey) -> bool:
    """Is this object one that the move was asked to carry? It carries one namespace, where the run knows which."""
    asked = world.run.namespace if world.run else ""
    return not asked or key.namespace in ("", asked)


def named_secrets(version: Version) -> list[str]:
    """The Secrets that a host's spec names, besides its BMC's."""
    return [str(name) for path in NAMED_SECRETS if (name := version.get(*path))]


def others(world: World, origin: str, at: float, owners: set[ObjectKey]) -> dict[ObjectKey, Version]:
    """Objects of kinds that no list names, which are owned by what moves, or labelled to move: a control plane of another make."""
    listed = {*MOVING, *RELATED, *NOT_MOVING, *BESIDE}
    kinds = [kind for cluster, kind in world.names if cluster == origin and kind not in listed]
    candidates = {key: version for kind in kinds for key, version in world.living(origin, kind, at=at) if in_scope(world, key)}
    found: dict[ObjectKey, Version] = {}
    while fresh := {key: it for key, it in candidates.items() if key not in found and goes_along(key, it, owners)}:
        found |= fresh
        owners = owners | {identity(key) for key in fresh}
    return found


def identity(key: ObjectKey) -> ObjectKey:
    """The same object whichever cluster it is in."""
    return key.in_cluster("")


def owners_of(key: ObjectKey, version: Version) -> list[ObjectKey]:
    """The owners that an object names, whichever cluster they are in: in its own namespace, or in none."""
    references = [one for one in version.metadata.get("ownerReferences") or [] if isinstance(one, dict)]
    namespaces = dict.fromkeys((key.namespace, ""))
    return [ObjectKey("", kind_of(one), place, str(one.get("name"))) for one in references for place in namespaces]


def goes_along(key: ObjectKey, version: Version, owners: set[ObjectKey]) -> bool:
    """Is it labelled to move, or owned by one of these?"""
    return is_labelled_to_move(version.labels) or not owners.isdisjoint(owners_of(key, version))


def moves_along(key: ObjectKey, version: Version, clusters: set[tuple[str, str]], owners: set[ObjectKey]) -> bool:
    """Does this Secret or ConfigMap move: by label, by its owner, or a Secret by its name as Cluster API's soft ownership has it?"""
    if goes_along(key, version, owners):
        return True
    cluster, _, purpose = key.name.rpartition("-")
    owned = bool(version.metadata.get("ownerReferences"))
    return key.kind == "Secret" and not owned and (key.namespace, cluster) in clusters and purpose in SOFT_OWNED


def owner_host(world: World, key: ObjectKey) -> str | None:
    """The host that an object belongs to; None where it belongs to none alone.

    It is the host's own, bears its name, is a Secret that it names, or is its consumer and the Machine of which that is the server.
    """
    if key.kind in ("BareMetalHost", "HardwareData"):
        return host_names(world).get((key.namespace, key.name), key.name)
    if key.kind in CLAIMING:
        return hosts_of_machines(world).get(identity(key))
    return hosts_of_secrets(world).get((key.namespace, key.name)) if key.kind == "Secret" else None


@answered_once
def hosts_of_machines(world: World) -> dict[ObjectKey, str]:
    """By consumer of a host, and by the first Machine whose server that is, the host; whichever cluster they are in."""
    consumers = {
        ObjectKey("", "Metal3Machine", host.namespace, str(name)): host.name
        for host in hosts(world)
        if (name := host.baseline.get("spec", "consumerRef", "name"))
    }
    machines: dict[ObjectKey, ObjectKey] = {}
    for key in (key for side in SIDES for key in world.keys(side, "Machine")):
        for version in world.objects[key]:
            server = ObjectKey("", "Metal3Machine", key.namespace, str(version.get("spec", "infrastructureRef", "name")))
            if server in consumers:
                machines.setdefault(server, identity(key))
    return consumers | {machine: consumers[server] for server, machine in machines.items()}


@answered_once
def hosts_of_secrets(world: World) -> dict[tuple[str, str], str]:
    """By namespace and name of a Secret, the first host that names it."""
    found: dict[tuple[str, str], str] = {}
    for key in (key for side in SIDES for key in world.keys(side, "BareMetalHost")):
        last = world.objects[key][-1]
        for name in (last.get("spec", "bmc", "credentialsName"), *named_secrets(last)):
            found.setdefault((key.namespace, str(name)), host_names(world)[key.namespace, key.name])
    return found


def is_only_named(world: World, key: ObjectKey, version: Version, origin: str) -> bool:
    """Is this a Secret that a host names, but that no move takes along by itself?"""
    if key.kind != "Secret" or version.metadata.get("ownerReferences"):
        return False
    place = (key.namespace, key.name)
    bmc, named = secrets_of_hosts(world, origin)
    return place in named and place not in bmc


@answered_once
def secrets_of_hosts(world: World, origin: str) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """By namespace and name, the Secrets of the BMCs of all hosts of a cluster, and those that they name besides."""
    last = [(key.namespace, world.objects[key][-1]) for key in world.keys(origin, "BareMetalHost")]
    bmc = {(place, str(it.get("spec", "bmc", "credentialsName"))) for place, it in last}
    return bmc, {(place, name) for place, it in last for name in named_secrets(it)}
