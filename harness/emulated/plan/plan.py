"""What an embedded lab consists of, decided by its configuration alone: the same seed gives the same names, ids and addresses."""

import random
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from bmc.redfish.personality import PERSONALITIES
from harness.emulated.programs.program import Program

SOURCE_ADDRESS = "127.77.1.1"
TARGET_ADDRESS = "127.77.2.1"
WORKLOAD_ADDRESS = "127.77.3.1"
IMAGE_ADDRESS = "127.77.4.1"
API_ADDRESS = "127.0.0.1"
CLUSTER = "lab"
POOL = "provisioning-pool"
VERSION = "v1.36.3"
NEXT_VERSION = "v1.37.0"
"""Of Kubernetes, what a lab begins with, and what its Cluster is upgraded to."""

IPMI = "ipmi://"
BMC_PASSWORD_BYTES = 16
"""All that an IPMI BMC is sure to take: ipmitool sends no more than 20, and version 1.5 knows 16 (IPMI 2.0 §22.30)."""
SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


class BmcConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the servers' BMCs are made and reached: whose they are like, and whether a flight recorder stands before them."""

    kind: Literal["emulated", "sushy-emulator"] = "emulated"
    driver: Literal["fake", "libvirt"] = "fake"
    protocol: Literal["redfish", "ipmi"] = "redfish"
    personality: str = "emulated"
    recorder: bool = False
    program: str | None = None
    flags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a BMC that cannot be."""
        if self.personality not in PERSONALITIES:
            raise ValueError(f"personality is none of {', '.join(PERSONALITIES)}")

    @property
    def has_libvirt(self) -> bool:
        """Is it sushy-emulator's libvirt driver? On libvirt's test hypervisor virtual media cannot be inserted."""
        return self.kind == "sushy-emulator" and self.driver == "libvirt"

    def address(self, place: str) -> str:
        """A BMC's place (the URL of a System, or `ipmi://…`) as a BareMetalHost's address."""
        return bmc_address(place, "redfish" if self.has_libvirt else "redfish-virtualmedia")


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """embedded.json: `hosts` claimed ones (the first `control_planes` are control planes), `spares`; `speed` divides time.

    Not `provisioned`: the servers are off and empty, and the source has neither hosts nor a Cluster; then the `target` is the cluster
    that is provisioned, or another one. Not `initialized`: that other one is a bare cluster, without definitions and without anybody to
    run. `image` is the family of what hosts run.

    `kubeadm`: what is provisioned has a KubeadmControlPlane, and KubeadmConfigs in the place of bootstrap secrets made by hand.

    `servers` are API servers that run already: source, target or workload -> the path of a kubeconfig; a target that is provisioned is
    reached only while its control plane runs. `clusterctl` is the
    mover that the lab file shall name. `programs` are real components: side -> Deployment (namespace/name) -> program; `ironics` where
    each side's Ironic shall be, and `ironic_password` what it shall ask for.
    """

    hosts: int = 3
    spares: int = 1
    control_planes: int = 1
    provisioned: bool = True
    initialized: bool = True
    target: Literal["provisioned", "other"] = "provisioned"
    kubeadm: bool = False
    speed: float = 20.0
    seed: int = 1
    namespace: str = "metal3"
    image: Literal["lab", "ubuntu", "centos"] = "lab"
    bmc: BmcConfig = BmcConfig()
    servers: dict[str, str] = {}
    clusterctl: str = ""
    programs: dict[str, dict[str, Program]] = {}
    ironics: dict[str, str] = {}
    ironic_password: str = ""

    def __post_init__(self) -> None:
        """Refuse a lab that cannot be."""
        if self.kubeadm and self.provisioned:
            raise ValueError("a lab with KubeadmControlPlanes begins with empty servers: kubeadm needs provisioned: false")
        if not 1 <= self.control_planes <= self.hosts or self.spares < 0 or self.speed <= 0:
            raise ValueError("an embedded lab needs 1 <= control_planes <= hosts, spares >= 0 and speed > 0")

    @property
    def is_target_provisioned(self) -> bool:
        """Is the target the cluster whose control plane is on this lab's own servers?"""
        return not self.provisioned and self.target == "provisioned"

    @property
    def is_target_bare(self) -> bool:
        """Does somebody have to make the target a management cluster?"""
        return not self.initialized or self.is_target_provisioned

    def program(self, side: str, name: str) -> Program | None:
        """The real component of that name that runs on this side, or None."""
        return next((program for program in self.programs.get(side, {}).values() if program.name == name), None)

    @classmethod
    def read(cls, path: Path) -> "Config":
        """Decode embedded.json; msgspec.ValidationError names what is wrong in it."""
        return msgspec.json.decode(path.read_bytes(), type=cls)


@dataclass(frozen=True)
class HostPlan:
    """One server. `machine` is the Machine that claims it, empty for a spare; `data` its Metal3Data."""

    name: str
    index: int
    role: str
    uuid: str
    mac: str
    address: str
    bmc_address: str
    username: str
    password: str = field(repr=False)
    node_id: str
    machine: str = ""
    template: str = ""
    data_index: int = 0
    lease: str = ""

    @property
    def claimed(self) -> bool:
        """Does a Machine run on it?"""
        return bool(self.machine)

    @property
    def data(self) -> str:
        """Name of its Metal3Data."""
        return f"{self.template}-{self.data_index}"

    @property
    def provider_id(self) -> str:
        """As CAPM3 >= 1.14 writes it; needs the namespace in front."""
        return f"{self.name}/{self.machine}"


@dataclass(frozen=True)
class LabPlan:
    """The lab's names and identities. `suffix` is the MachineSet's."""

    config: Config
    hosts: tuple[HostPlan, ...]
    suffix: str
    ironic_username: str
    ironic_password: str = field(repr=False)

    @property
    def machine_set(self) -> str:
        """Name of the MachineSet."""
        return f"{CLUSTER}-md-{self.suffix}"

    @property
    def claimed(self) -> tuple[HostPlan, ...]:
        """Hosts with a Machine."""
        return tuple(host for host in self.hosts if host.claimed)

    @property
    def workers(self) -> tuple[HostPlan, ...]:
        """Hosts with a worker Machine."""
        return tuple(host for host in self.hosts if host.role == "worker")


def make_plan(config: Config) -> LabPlan:
    """Throw the seeded dice for everything that has a random name."""
    dice = random.Random(config.seed)  # noqa: S311 - repeatable on purpose
    suffix = _suffix(dice)
    hosts = tuple(_host(index, config, dice, suffix) for index in range(config.hosts + config.spares))
    password = _secret(dice)
    return LabPlan(config, hosts, suffix, "ironic", config.ironic_password or password)


def node_marks(*, cluster: str, namespace: str, machine: str, machine_set: str) -> dict[str, str]:
    """The annotations that Cluster API writes on the Node of a Machine; `machine_set` is empty for one that stands alone."""
    owner = {"owner-kind": "MachineSet", "owner-name": machine_set} if machine_set else {}
    named = {"cluster-name": cluster, "cluster-namespace": namespace, "machine": machine, **owner}
    return {
        f"cluster.x-k8s.io/{key}": value
        for key, value in {"annotations-from-machine": "", "labels-from-machine": "", **named}.items()
    }


def bmc_address(place: str, driver: str) -> str:
    """A BMC's place (the URL of a System, or `ipmi://…`) as a BareMetalHost's address; `driver` is what Redfish is asked through."""
    return place if place.startswith(IPMI) else f"{driver}+{place}"


def _host(index: int, config: Config, dice: random.Random, suffix: str) -> HostPlan:
    role = "control-plane" if index < config.control_planes else "worker" if index < config.hosts else "spare"
    worker = index - config.control_planes
    machine = {"control-plane": f"{CLUSTER}-cp-{index}", "worker": f"{CLUSTER}-md-{suffix}-{_suffix(dice)}", "spare": ""}[role]
    return HostPlan(
        name=f"node-{index}",
        index=index,
        role=role,
        uuid=str(uuid.UUID(int=dice.getrandbits(128), version=4)),
        mac="52:54:00:" + ":".join(f"{byte:02x}" for byte in index.to_bytes(3, "big")),
        address=f"172.22.{index // 150}.{50 + index % 150}",
        bmc_address=f"127.77.{10 + index // 254}.{index % 254 + 1}",
        username="admin",
        password=_secret(dice)[:BMC_PASSWORD_BYTES],
        node_id=str(uuid.UUID(int=dice.getrandbits(128), version=4)),
        machine=machine,
        template=f"{CLUSTER}-cp" if role == "control-plane" else f"{CLUSTER}-worker",
        data_index=index if role == "control-plane" else worker,
        lease=f"172.23.{index // 150}.{100 + index % 150}",
    )


def _suffix(dice: random.Random) -> str:
    return "".join(dice.choices(SUFFIX_LETTERS, k=5))


def _secret(dice: random.Random) -> str:
    return f"{dice.getrandbits(96):024x}"
