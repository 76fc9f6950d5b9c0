"""The kinds of a pivot: which a move takes along, which it does not, and by which name each is told, also where two groups have it."""

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, Literal, NamedTuple

from harness.metal3 import CAPI, CLUSTERCTL, MOVE, MOVE_HIERARCHY

BOOTSTRAP = f"bootstrap.{CAPI}"
ADDONS = f"addons.{CAPI}"
INFRASTRUCTURE = f"infrastructure.{CAPI}"
IPAM = "ipam.metal3.io"
METAL3 = "metal3.io"


class MovedKind(NamedTuple):
    """A kind of what a move takes along, or leaves.

    `carried`: every object of it, only the `related` ones (by a label, an owner or a name), or none: the controllers of the
    destination have `remade` them there, they are `lost` with the host that they belong to, or each `stays` where it is. `is_root`:
    all that stands below an object moves with it. `label`: what its definition must carry, besides clusterctl's own label, for an
    object that nobody owns to move.
    """

    kind: str
    group: str = ""
    carried: Literal["always", "related", "remade", "lost", "stays"] = "always"
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
    MovedKind("PreprovisioningImage", METAL3, "remade"),
    MovedKind("HostUpdatePolicy", METAL3, "lost"),
    MovedKind("DataImage", METAL3, "lost"),
    MovedKind("BMCEventSubscription", METAL3, "lost"),
    MovedKind("HostClaim", METAL3, "stays"),
    MovedKind("HostDeployPolicy", METAL3, "stays"),
    MovedKind("HostNetworkAttachment", METAL3, "stays"),
    MovedKind("BareMetalSwitch", METAL3, "stays"),
    MovedKind("Secret", carried="related"),
    MovedKind("ConfigMap", carried="related"),
)
"""What is known of upstream's own kinds. Whatever else a move takes along is asked of the clusters: see `is_followed`."""

MOVING = tuple(one.kind for one in MOVED_KINDS if one.carried == "always")
RELATED = tuple(one.kind for one in MOVED_KINDS if one.carried == "related")
NOT_MOVING = tuple(one.kind for one in MOVED_KINDS if one.carried in ("remade", "lost", "stays"))

BESIDE = {
    "Event": "",
    "Pod": "",
    "Node": "",
    "Deployment": "apps",
    "CustomResourceDefinition": "apiextensions.k8s.io",
    "Provider": CLUSTERCTL,
}
"""Kinds that are watched because they tell of a move, each with its group; no move takes them along."""

GROUPS = {moved.kind: moved.group for moved in MOVED_KINDS} | BESIDE
"""The home of each kind: the API group whose objects bear its bare name."""

FAMILIES = (CAPI, METAL3)
"""Groups, and those below them, whose kinds belong to clusters and hosts, with a label of clusterctl or without."""


@cache
def kind_name(kind: str, group: str) -> str:
    """The name by which a kind is told: bare in its home group, else with its group, as kubectl takes it (`IPAddress.ipam.metal3.io`)."""
    return kind if not group or GROUPS.get(kind) == group else f"{kind}.{group}"


def bare_name(name: str) -> str:
    """The kind without its group, where no group is its home; else the name as it is."""
    kind = name.partition(".")[0]
    return name if kind in GROUPS else kind


def group_and_kind(name: str) -> tuple[str, str] | None:
    """The API group and the kind that a name means; None for the bare name of a kind without a home."""
    kind, _, group = name.partition(".")
    return (group, kind) if group else (GROUPS[kind], kind) if kind in GROUPS else None


def full_name(name: str) -> str:
    """A kind's name with its group, where that is known."""
    group = GROUPS.get(name, "")
    return f"{name}.{group}" if group else name


@lru_cache(maxsize=1 << 10)
def group_of(api_version: str) -> str:
    """The API group of an object's or a reference's `apiVersion`; empty for the core group."""
    return api_version.rpartition("/")[0]


def kind_of(reference: Mapping[str, Any]) -> str:
    """The name of the kind that a reference names; by its `apiGroup` or `apiVersion`, and bare where it tells neither."""
    group = reference.get("apiGroup") or group_of(str(reference.get("apiVersion") or ""))
    return kind_name(str(reference.get("kind") or ""), str(group))


def references(value: Any) -> Iterator[dict[str, Any]]:
    """Every reference to another object in nested JSON, in no order: what has a kind, a name, and an API version or group."""
    inside = [value]
    while inside:
        one = inside.pop()
        if isinstance(one, dict):
            if "kind" in one and is_reference(one):
                yield one
            inside += [member for member in one.values() if isinstance(member, (dict, list))]
        elif isinstance(one, list):
            inside += [item for item in one if isinstance(item, (dict, list))]


def is_reference(value: Mapping[str, Any]) -> bool:
    """Does it name another object?"""
    names = (value.get("kind"), value.get("name"), value.get("apiVersion") or value.get("apiGroup"))
    return all(isinstance(one, str) and one for one in names)


def is_labelled(labels: Mapping[str, str]) -> bool:
    """Does clusterctl find what bears these labels, or move it?"""
    return CLUSTERCTL in labels or is_labelled_to_move(labels)


def is_labelled_to_move(labels: Mapping[str, str]) -> bool:
    """Does clusterctl move what bears these labels, though nobody owns it?"""
    return any(label in labels for label in (MOVE, MOVE_HIERARCHY))


def is_followed(group: str, labels: Mapping[str, str]) -> bool:
    """Is a definition of this group, with these labels, one whose objects may belong to what moves, so that they must be watched?"""
    return is_labelled(labels) or any(group == family or group.endswith(f".{family}") for family in FAMILIES)
