"""The objects of a pivot: which must move, what must be equal afterwards, and which host an object belongs to.

Relations and permitted differences follow Cluster API (soft ownership of cluster secrets), Metal3, and the fields that recorded good
pivots show to change.
"""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from harness.journal.facts import SIDES
from harness.metal3 import MOVE, MOVE_HIERARCHY
from harness.world.moves import JudgedMove
from harness.world.releases import FOREVER, released_at
from harness.world.world import ObjectKey, Version, World, dig, version_at

CAPI = "cluster.x-k8s.io"
BOOTSTRAP = f"bootstrap.{CAPI}"
ADDONS = f"addons.{CAPI}"
INFRASTRUCTURE = f"infrastructure.{CAPI}"
IPAM = "ipam.metal3.io"
METAL3 = "metal3.io"


class MovedKind(NamedTuple):
    """A kind of what a move takes along.

    `carried`: every object of it, only the `related` ones (by a label, an owner or a name), or none, because the controllers of the
    destination have `remade` them there. `is_root`: all that stands below an object moves with it. `label`: what its definition must
    carry, besides clusterctl's own label, for an object that nobody owns to move.
    """

    kind: str
    group: str = ""
    carried: Literal["always", "related", "remade"] = "always"
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
    MovedKind("ClusterResourceSet", ADDONS, is_root=True),
    MovedKind("ClusterResourceSetBinding", ADDONS),
    MovedKind("KubeadmControlPlane", f"controlplane.{CAPI}"),
    MovedKind("KubeadmConfig", BOOTSTRAP),
    MovedKind("KubeadmConfigTemplate", BOOTSTRAP),
    MovedKind("Metal3Cluster", INFRASTRUCTURE),
    MovedKind("Metal3Machine", INFRASTRUCTURE),
    MovedKind("Metal3MachineTemplate", INFRASTRUCTURE),
    MovedKind("Metal3DataTemplate", INFRASTRUCTURE, label=MOVE),
    MovedKind("Metal3DataClaim", INFRASTRUCTURE),
    MovedKind("Metal3Data", INFRASTRUCTURE),
    MovedKind("IPPool", IPAM),
    MovedKind("IPClaim", IPAM),
    MovedKind("IPAddress", IPAM),
    # A host's BMC secret moves only if the host is the root of a hierarchy.
    MovedKind("BareMetalHost", METAL3, label=MOVE_HIERARCHY),
    MovedKind("HardwareData", METAL3, label=MOVE),
    MovedKind("HostFirmwareSettings", METAL3, "remade"),
    MovedKind("HostFirmwareComponents", METAL3, "remade"),
    MovedKind("FirmwareSchema", METAL3, "remade"),
    MovedKind("Secret", carried="related"),
    MovedKind("ConfigMap", carried="related"),
)
"""The one list of what a move takes along: what must arrive, what is watched, and what an interrupted move is looked through for."""

MOVING = tuple(one.kind for one in MOVED_KINDS if one.carried == "always")
RELATED = tuple(one.kind for one in MOVED_KINDS if one.carried == "related")
NEVER_NEW = ("Machine", "Metal3Machine", "Metal3Data", "Metal3DataClaim", "IPClaim", "IPAddress", "BareMetalHost")
SOFT_OWNED = ("kubeconfig", "ca", "etcd", "sa", "proxy")
FREE_SPEC = {"Cluster": ("paused",), "BareMetalHost": ("architecture", "consumerRef")}
"""Spec members that may differ: the pause; the architecture that BMO fills in; the consumer's API version."""


class ObjectMismatch(NamedTuple):
    """One mismatch. `seen`: proven by observed objects; if false, it is an absence and needs complete coverage."""

    key: ObjectKey
    says: str
    evidence: tuple[int, ...]
    seen: bool = False


def expected(world: World, origin: str, at: float) -> dict[ObjectKey, Version]:
    """The objects in `origin` at a time that a whole move must carry."""
    question = (expected, origin, at)
    if question not in world.answers:
        world.answers[question] = _expected(world, origin, at)
    carried: dict[ObjectKey, Version] = world.answers[question]
    return carried


def _expected(world: World, origin: str, at: float) -> dict[ObjectKey, Version]:
    found = {key: version for kind in MOVING for key, version in world.living(origin, kind, at=at)}
    clusters = {key.name for key in found if key.kind == "Cluster"}
    owners = {(key.kind, key.name) for key in found}
    bmc = {str(version.get("spec", "bmc", "credentialsName")) for key, version in found.items() if key.kind == "BareMetalHost"}
    namespaces = {key.namespace for key in found}
    related = {
        key: version
        for kind in RELATED
        for key, version in world.living(origin, kind, at=at)
        if key.namespace in namespaces and ((kind == "Secret" and key.name in bmc) or moves_along(key, version, clusters, owners))
    }
    return found | related


def moves_along(key: ObjectKey, version: Version, clusters: set[str], owners: set[tuple[str, str]]) -> bool:
    """Does this Secret or ConfigMap move: by label, by its owner, or a Secret by its name as Cluster API's soft ownership has it?"""
    if any(label in version.labels for label in (MOVE, MOVE_HIERARCHY)):
        return True
    references = version.metadata.get("ownerReferences") or []
    if references:
        return any((reference.get("kind"), reference.get("name")) in owners for reference in references)
    cluster, _, purpose = key.name.rpartition("-")
    return key.kind == "Secret" and cluster in clusters and purpose in SOFT_OWNED


def compare(world: World, key: ObjectKey, before: Version, leg: JudgedMove) -> Iterator[ObjectMismatch]:
    """One object before and after a move: is it there, is it equal, is the old one gone?"""
    there = key._replace(cluster=leg.move.destination)
    after = version_at(world.objects.get(there, []), None if leg.last else leg.until)
    left = version_at(world.objects[key], None if leg.last else leg.until)
    name = f"{key.kind} {key.name}"
    ended = leg.last and released_at(world, there, world.objects.get(there, [])) < FOREVER
    if left and left.alive:
        yield ObjectMismatch(key, f"{name} was left behind in the {leg.move.origin}", (left.entry.seq,))
    if after is None:
        yield ObjectMismatch(key, f"{name} never arrived in the {leg.move.destination}", (before.entry.seq,))
    elif not after.alive and not ended:
        yield ObjectMismatch(key, f"{name} is gone from the {leg.move.destination}", (before.entry.seq, after.entry.seq))
    elif not ended:
        for what in unequal(key.kind, before, after):
            text = f"{name} differs in {what} between {leg.move.origin} and {leg.move.destination}"
            yield ObjectMismatch(key, text, (before.entry.seq, after.entry.seq), seen=True)


def unequal(kind: str, before: Version, after: Version) -> list[str]:
    """The parts of an object's identity that differ."""
    wrong: list[str] = []
    for part in ("type", "data", "dataDigest"):
        if before.get(part) != after.get(part):
            wrong.append("its data" if part != "type" else "its type")
    if before.labels != after.labels:
        names = sorted(name for name in before.labels | after.labels if before.labels.get(name) != after.labels.get(name))
        wrong.append(f"label {', '.join(names)}")
    old, new = (prune(dig(version.body, "spec"), FREE_SPEC.get(kind, ())) for version in (before, after))
    if old != new:
        names = sorted(name for name in {**old, **new} if old.get(name) != new.get(name))
        wrong += [f"spec.{name}" for name in names]
    return wrong


def prune(value: Any, free: tuple[str, ...]) -> dict[str, Any]:
    """A spec without what may differ: free members, and nulls, uids and resourceVersions anywhere in it."""
    kept = {name: clean(member) for name, member in (value or {}).items() if name not in free}
    return {name: member for name, member in kept.items() if member is not None}


def clean(value: Any) -> Any:
    """A value without nulls and without references' uids and resourceVersions, which every move renews."""
    if isinstance(value, dict):
        return {
            name: clean(member) for name, member in value.items() if member is not None and name not in ("uid", "resourceVersion")
        }
    return [clean(member) for member in value] if isinstance(value, list) else value


def unexpected(world: World, before: dict[ObjectKey, Version], leg: JudgedMove) -> Iterator[ObjectMismatch]:
    """New objects in the destination that the move did not bring, e.g. from a rollout."""
    namespaces = {key.namespace for key in before}
    for kind in NEVER_NEW:
        for key in world.keys(leg.move.destination, kind):
            old = key._replace(cluster=leg.move.origin)
            fresh = [version for version in world.objects[key] if leg.move.since < version.entry.at < leg.until]
            if key.namespace in namespaces and fresh and fresh[0].alive and old not in before and not was_there(world, key, leg):
                yield ObjectMismatch(key, f"{kind} {key.name} is new in the {leg.move.destination}", (fresh[0].entry.seq,))


def was_there(world: World, key: ObjectKey, leg: JudgedMove) -> bool:
    """Did the destination have this object before the move began?"""
    version = version_at(world.objects[key], leg.move.since)
    return version is not None and version.alive


def owner_host(world: World, key: ObjectKey) -> str | None:
    """The host that an object belongs to: its BareMetalHost, HardwareData or BMC secret; None for all others."""
    if key.kind in ("BareMetalHost", "HardwareData"):
        return key.name
    if key.kind == "Secret":
        for side in SIDES:
            for host in world.keys(side, "BareMetalHost"):
                last = world.objects[host][-1]
                if host.namespace == key.namespace and last.get("spec", "bmc", "credentialsName") == key.name:
                    return host.name
    return None
