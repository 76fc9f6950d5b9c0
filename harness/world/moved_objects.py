"""The objects of a pivot: which must move, what must be equal afterwards, and which host an object belongs to.

Relations and permitted differences follow Cluster API (soft ownership of cluster secrets), Metal3, and the fields that recorded good
pivots show to change.
"""

from typing import Any, Literal, NamedTuple

from harness.journal.facts import SIDES
from harness.metal3 import MOVE, MOVE_HIERARCHY
from harness.world.world import ObjectKey, Version, World, answered_once

CAPI = "cluster.x-k8s.io"
BOOTSTRAP = f"bootstrap.{CAPI}"
ADDONS = f"addons.{CAPI}"
INFRASTRUCTURE = f"infrastructure.{CAPI}"
IPAM = "ipam.metal3.io"
METAL3 = "metal3.io"


class MovedKind(NamedTuple):
    """A kind of what a move takes along.

    `carried`: every object of it, only the `related` ones (by a label, an owner or a name), or none, because the controllers of the
    destination have `remade` them there, or because they are `lost` with the host that they belong to. `is_root`: all that stands below
    an object moves with it. `label`: what its definition must carry, besides clusterctl's own label, for an object that nobody owns to
    move.
    """

    kind: str
    group: str = ""
    carried: Literal["always", "related", "remade", "lost"] = "always"
    is_root: bool = False
    label: str = ""


MOVED_KINDS = (
    MovedKind("Cluster", CAPI, is_root=True),
    MovedKind("ClusterClass", CAPI, is_root=True),
    MovedKind("Machine", CAPI),
    MovedKind("MachineSet", CAPI),
    MovedKind("MachineDeployment", CAPI),
    MovedKind("MachinePool", CAPI),
    MovedKind("MachineHealthCheck", CAPI),
    MovedKind("MachineDrainRule", CAPI),
    MovedKind("ClusterResourceSet", ADDONS, is_root=True),
    MovedKind("ClusterResourceSetBinding", ADDONS),
    MovedKind("ExtensionConfig", f"runtime.{CAPI}"),
    MovedKind("KubeadmControlPlane", f"controlplane.{CAPI}"),
    MovedKind("KubeadmControlPlaneTemplate", f"controlplane.{CAPI}"),
    MovedKind("RKE2ControlPlane", f"controlplane.{CAPI}"),
    MovedKind("KubeadmConfig", BOOTSTRAP),
    MovedKind("KubeadmConfigTemplate", BOOTSTRAP),
    MovedKind("Metal3Cluster", INFRASTRUCTURE),
    MovedKind("Metal3ClusterTemplate", INFRASTRUCTURE),
    MovedKind("Metal3Remediation", INFRASTRUCTURE),
    MovedKind("Metal3RemediationTemplate", INFRASTRUCTURE),
    MovedKind("Metal3Machine", INFRASTRUCTURE),
    MovedKind("Metal3MachineTemplate", INFRASTRUCTURE),
    MovedKind("Metal3DataTemplate", INFRASTRUCTURE, label=MOVE),
    MovedKind("Metal3DataClaim", INFRASTRUCTURE),
    MovedKind("Metal3Data", INFRASTRUCTURE),
    MovedKind("IPPool", IPAM),
    MovedKind("IPClaim", IPAM),
    MovedKind("IPAddress", IPAM),
    MovedKind("IPAddressClaim", f"ipam.{CAPI}"),
    # A host's BMC secret moves only if the host is the root of a hierarchy.
    MovedKind("BareMetalHost", METAL3, label=MOVE_HIERARCHY),
    MovedKind("HardwareData", METAL3, label=MOVE),
    MovedKind("HostFirmwareSettings", METAL3, "remade"),
    MovedKind("HostFirmwareComponents", METAL3, "remade"),
    MovedKind("FirmwareSchema", METAL3, "remade"),
    MovedKind("HostUpdatePolicy", METAL3, "lost"),
    MovedKind("DataImage", METAL3, "lost"),
    MovedKind("BMCEventSubscription", METAL3, "lost"),
    MovedKind("Secret", carried="related"),
    MovedKind("ConfigMap", carried="related"),
)
"""The one list of what a move takes along: what must arrive, what is watched, and what an interrupted move is looked through for."""

MOVING = tuple(one.kind for one in MOVED_KINDS if one.carried == "always")
RELATED = tuple(one.kind for one in MOVED_KINDS if one.carried == "related")
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
)
"""What nobody makes in a cluster that has just got all of it, but a rollout, a scaling, or a controller that goes astray."""

SOFT_OWNED = ("kubeconfig", "ca", "etcd", "sa", "proxy")
REMADE = tuple(one.kind for one in MOVED_KINDS if one.carried in ("remade", "lost"))
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
    clusters = {key.name for key in found if key.kind == "Cluster"}
    owners = {(key.kind, key.name) for key in found}
    hosts = [version for key, version in found.items() if key.kind == "BareMetalHost"]
    bmc = {str(version.get("spec", "bmc", "credentialsName")) for version in hosts}
    named = {name for version in hosts for name in named_secrets(version)}
    namespaces = {key.namespace for key in found}
    related = {
        key: version
        for kind in RELATED
        for key, version in world.living(origin, kind, at=at)
        if key.namespace in namespaces
        and ((kind == "Secret" and key.name in bmc | named) or moves_along(key, version, clusters, owners))
    }
    return found | related | others(world, origin, at, owners)


def in_scope(world: World, key: ObjectKey) -> bool:
    """Is this object one that the move was asked to carry? It carries one namespace, where the run knows which."""
    asked = world.run.namespace if world.run else ""
    return not asked or key.namespace in ("", asked)


def named_secrets(version: Version) -> list[str]:
    """The Secrets that a host's spec names, besides its BMC's."""
    return [str(name) for path in NAMED_SECRETS if (name := version.get(*path))]


def others(world: World, origin: str, at: float, owners: set[tuple[str, str]]) -> dict[ObjectKey, Version]:
    """Objects of kinds that no list names, which are owned by what moves, or labelled to move: a control plane of another make."""
    listed = {*MOVING, *RELATED, *REMADE}
    kinds = [kind for cluster, kind in world.names if cluster == origin and kind not in listed]
    candidates = {key: version for kind in kinds for key, version in world.living(origin, kind, at=at) if in_scope(world, key)}
    found: dict[ObjectKey, Version] = {}
    while fresh := {key: it for key, it in candidates.items() if key not in found and goes_along(it, owners)}:
        found |= fresh
        owners = owners | {(key.kind, key.name) for key in fresh}
    return found


def goes_along(version: Version, owners: set[tuple[str, str]]) -> bool:
    """Is it labelled to move, or owned by one of these?"""
    references = version.metadata.get("ownerReferences") or []
    labelled = (
        any(label in version.labels for label in (MOVE, MOVE_HIERARCHY)) and version.get("kind") != "CustomResourceDefinition"
    )
    return labelled or any((one.get("kind"), one.get("name")) in owners for one in references)


def moves_along(key: ObjectKey, version: Version, clusters: set[str], owners: set[tuple[str, str]]) -> bool:
    """Does this Secret or ConfigMap move: by label, by its owner, or a Secret by its name as Cluster API's soft ownership has it?"""
    if any(label in version.labels for label in (MOVE, MOVE_HIERARCHY)):
        return True
    references = version.metadata.get("ownerReferences") or []
    if references:
        return any((reference.get("kind"), reference.get("name")) in owners for reference in references)
    cluster, _, purpose = key.name.rpartition("-")
    return key.kind == "Secret" and cluster in clusters and purpose in SOFT_OWNED


def clean(value: Any) -> Any:
    """A value without nulls and without references' uids and resourceVersions, which every move renews."""
    if isinstance(value, dict):
        return {
            name: clean(member) for name, member in value.items() if member is not None and name not in ("uid", "resourceVersion")
        }
    return [clean(member) for member in value] if isinstance(value, list) else value


def owner_host(world: World, key: ObjectKey) -> str | None:
    """The host that an object belongs to: its BareMetalHost, what bears its name, or a Secret that it names; None for all others."""
    if key.kind in ("BareMetalHost", "HardwareData"):
        return key.name
    return hosts_of_secrets(world).get((key.namespace, key.name)) if key.kind == "Secret" else None


@answered_once
def hosts_of_secrets(world: World) -> dict[tuple[str, str], str]:
    """By namespace and name of a Secret, the first host that names it."""
    found: dict[tuple[str, str], str] = {}
    for key in (key for side in SIDES for key in world.keys(side, "BareMetalHost")):
        last = world.objects[key][-1]
        for name in (last.get("spec", "bmc", "credentialsName"), *named_secrets(last)):
            found.setdefault((key.namespace, str(name)), key.name)
    return found


def is_only_named(world: World, key: ObjectKey, version: Version, origin: str) -> bool:
    """Is this a Secret that a host names, but that no move takes along by itself?"""
    if key.kind != "Secret" or version.metadata.get("ownerReferences"):
        return False
    hosts = [world.objects[host][-1] for host in world.keys(origin, "BareMetalHost") if host.namespace == key.namespace]
    bmc = {it.get("spec", "bmc", "credentialsName") for it in hosts}
    return key.name not in bmc and any(key.name in named_secrets(it) for it in hosts)
