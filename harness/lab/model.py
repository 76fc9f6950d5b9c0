"""A lab as it is written down: where the clusters, Ironics and BMCs are, and how to get in. Nothing is switched on here.

There are two kinds. An ordinary lab names what is there; an embedded lab says how big a lab to make and which of its components are
real, and switching that on writes an ordinary lab file. Only the structure and the files that are named are checked, no network is touched.
"""

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from bmc.credentials import CredentialsReference
from bmc.model import Tls
from harness.files.durations import Duration
from harness.lab.applied import (
    BmcUrl,
    Count,
    ExecutableFile,
    ExistingFile,
    ExistingPath,
    HttpUrl,
    Init,
    IpAddress,
    Kubeconfig,
    Manifests,
    PersonalityName,
    Positive,
    Upgrade,
)

DEFAULT_NAMESPACE = "metal3"


class ClusterAccess(msgspec.Struct, frozen=True):
    """How to reach one cluster. Empty `context`: the kubeconfig's current one; empty `namespace`: the context's.

    `vantage` is the local address from which we see its side of the network. One that `appears` is there only later.
    """

    kubeconfig: Kubeconfig
    context: str = ""
    namespace: str = ""
    vantage: IpAddress = ""
    appears: bool = False


class Clusters(msgspec.Struct, frozen=True):
    """The three clusters of a pivot; without `workload` the target that appears is it, else the Cluster's own kubeconfig secret tells."""

    source: ClusterAccess
    target: ClusterAccess
    workload: ClusterAccess | None = None


class RunsAs(msgspec.Struct, frozen=True):
    """What to scale to stop and start an Ironic: a Deployment, or an Ironic of ironic-standalone-operator."""

    kind: Literal["deployment", "irso"]
    namespace: str
    name: str


class IronicAccess(msgspec.Struct, frozen=True):
    """How to watch one Ironic, and how steps stop and start it."""

    url: HttpUrl
    credentials: CredentialsReference | None = None
    ca: ExistingFile | None = None
    tls: Tls = Tls()
    runs_as: RunsAs | None = None


class Ironics(msgspec.Struct, frozen=True):
    """The Ironic of each side; one that is not named is not watched."""

    source: IronicAccess | None = None
    target: IronicAccess | None = None


class HostAccess(msgspec.Struct, frozen=True):
    """How to reach one host's BMC; `recorder` is the base address of the control of the flight recorder before it."""

    bmc: BmcUrl
    credentials: CredentialsReference | None = None
    tls: Tls = Tls()
    recorder: HttpUrl = ""


class Mover(msgspec.Struct, frozen=True):
    """What moves. `environment`: names of variables of ours that it gets beside the usual ones; a login plugin may need them."""

    clusterctl: ExecutableFile | None = None
    environment: tuple[str, ...] = ()


class Images(msgspec.Struct, frozen=True):
    """How the servers are trusted from which hosts get their images."""

    tls: Tls = Tls()


class Control(msgspec.Struct, frozen=True):
    """The base address of a control: of the lab's manageable network, or of the flight recorder that stands before all BMCs."""

    control: HttpUrl


class Listening(msgspec.Struct, frozen=True, kw_only=True):
    """Where others post to us: `port` 0 is any free one; with a `certificate` (PEM; `key` may stand in the same file) it is HTTPS."""

    listen: IpAddress = ""
    port: Count = 0
    certificate: ExistingFile | None = None
    key: ExistingFile | None = None


class Events(Listening, frozen=True, kw_only=True):
    """Where BMCs that stream no events push them; some insist on HTTPS."""

    listen: IpAddress


class AuditAccess(Listening, frozen=True, kw_only=True):
    """How an API server's audit log comes to us: as the file that it writes, or as what it posts to us (its webhook)."""

    file: ExistingFile | None = None


class Audits(msgspec.Struct, frozen=True):
    """The audit log of each side; one that is not named is not followed."""

    source: AuditAccess | None = None
    target: AuditAccess | None = None


class Lab(msgspec.Struct, frozen=True, kw_only=True):
    """An ordinary lab. Empty `hosts`: they are discovered from the BareMetalHosts of the source.

    `speed` divides every settling time (1 is life); `settle` is how long all must be quiet before a run ends, None: the default.
    `words` is a directory of steps, faults and checks of one's own.
    """

    name: str
    path: Path
    clusters: Clusters
    ironic: Ironics = Ironics()
    hosts: dict[str, HostAccess] = {}
    mover: Mover | None = None
    manifests: Manifests | None = None
    network: Control | None = None
    recorder: Control | None = None
    events: Events | None = None
    audit: Audits = Audits()
    unclaimed: Literal["report", "protect"] = "report"
    speed: Positive = 1.0
    settle_seconds: Duration | None = msgspec.field(default=None, name="settle")
    words: ExistingPath | None = None
    init: Init = Init()
    upgrade: Upgrade = Upgrade()
    images: Images = Images()

    @property
    def host_names(self) -> tuple[str, ...]:
        """The hosts that the file names; empty where they are discovered."""
        return tuple(self.hosts)

    @property
    def namespace(self) -> str:
        """The namespace that is moved."""
        return self.clusters.source.namespace or self.clusters.target.namespace or DEFAULT_NAMESPACE

    def recorder_before(self, host: str) -> str:
        """The base address of the control of the flight recorder before this host's BMC; empty where there is none."""
        access = self.hosts.get(host)
        return (access.recorder if access else "") or (self.recorder.control if self.recorder else "")


class EmbeddedBmc(msgspec.Struct, frozen=True):
    """How the BMCs of an embedded lab are made and reached.

    `kind`: ours, or the real sushy-emulator, whose `driver` is its own fake one, or libvirt's on its test hypervisor. `personality`:
    which vendor's marks of resets they show; `emulated` shows all and keeps a log of requests, `plain` shows none. `recorder`: a flight
    recorder stands before each; before sushy-emulator it always does. `program` is the user's own sushy-emulator, `flags` come after
    those that the lab gives it; without it the one on PATH is taken, else the pinned one.
    """

    kind: Literal["emulated", "sushy-emulator"] = "emulated"
    driver: Literal["fake", "libvirt"] = "fake"
    protocol: Literal["redfish", "ipmi"] = "redfish"
    personality: PersonalityName = "emulated"
    recorder: bool = False
    program: ExecutableFile | None = None
    flags: tuple[str, ...] = ()


class Embedded(msgspec.Struct, frozen=True):
    """How big an embedded lab to make; of `hosts`, `control_planes` are the first, and `spares` come on top, unclaimed.

    Not `provisioned`: servers are empty, and manifests are applied by nobody yet; the `target` is theirs, or another, `initialized` one.
    """

    hosts: Count = 3
    spares: Count = 1
    control_planes: Count = 1
    provisioned: bool = True
    initialized: bool = True
    target: Literal["provisioned", "other"] = "provisioned"
    kubeadm: bool = False
    """Has what is provisioned a KubeadmControlPlane? Where nobody says: with more than one control plane, and no `components`."""
    speed: Positive = 20.0
    seed: Count = 1
    namespace: str = DEFAULT_NAMESPACE
    image: Literal["lab", "ubuntu", "centos"] = "lab"
    """The family of what hosts run: the lab's own, or one of upstream's node images."""
    bmc: EmbeddedBmc = EmbeddedBmc()


class Component(msgspec.Struct, frozen=True):
    """What stands for one component: ours (`emulated`), the real one of a pinned version, or the user's own program at a path.

    `flags` come after the lab's; `manifests` has its definitions and webhooks; without it ours are served, and it is asked for those.
    """

    kind: Literal["emulated", "pinned", "path"] = "emulated"
    path: ExecutableFile | None = None
    flags: tuple[str, ...] = ()
    manifests: ExistingPath | None = None


class Versions(msgspec.Struct, frozen=True):
    """The version lines (like `1.34`) of a product's pinned programs in each cluster; an empty one is the newest.

    The workload has the target's unless it is named. clusterctl is the target's.
    """

    source: str = ""
    target: str = ""
    workload: str = ""

    def of(self, cluster: str) -> str:
        """The line in this cluster."""
        return {"source": self.source, "target": self.target}.get(cluster, self.workload or self.target)


KubernetesVersions = Annotated[Versions, "a minor version like 1.34, or a table with one for `source` and one for `target`"]
ClusterApiVersions = Annotated[Versions, "a minor version like 1.13, or a table with one for `source` and one for `target`"]


class Components(msgspec.Struct, frozen=True, rename="kebab"):
    """Which components of a lab are real, and of which version the pinned ones are.

    kube-controller-manager `emulated` is its garbage collector and namespace controller.
    """

    kubernetes: KubernetesVersions = Versions()
    cluster_api: ClusterApiVersions = Versions()
    etcd: Component = Component("pinned")
    kube_apiserver: Component = Component("pinned")
    kube_controller_manager: Component = Component("emulated")
    clusterctl: Component = Component("pinned")
    capi: Component = Component("emulated")
    capm3: Component = Component("emulated")
    ipam: Component = Component("emulated")
    bmo: Component = Component("emulated")
    ironic: Component = Component("emulated")
    bmc: Component = Component("emulated")


class EmbeddedLab(msgspec.Struct, frozen=True, kw_only=True):
    """A lab of our own before it is switched on; with `components` some of its parts are real, as plain processes."""

    name: str
    path: Path
    embedded: Embedded = Embedded()
    components: Components | None = None
    mover: Mover | None = None
    unclaimed: Literal["report", "protect"] = "report"
    settle_seconds: Duration | None = msgspec.field(default=None, name="settle")
    words: ExistingPath | None = None

    @property
    def host_names(self) -> tuple[str, ...]:
        """The hosts that this lab will have, the spares last."""
        return tuple(f"node-{number}" for number in range(self.embedded.hosts + self.embedded.spares))


AnyLab = Lab | EmbeddedLab
