"""Which versions can be had, and where each pinned program comes from.

Each version line of a product (Kubernetes 1.34) is a Go module of its own, `components/PRODUCT-LINE/`, whose go.mod and go.sum say which
release it is and hold everything that is built into it. `python -m harness.processes.programs.pin` writes them.
"""

import functools
import re
from pathlib import Path
from typing import NamedTuple

IRONIC = "39.0.0"
GO_MIN = (1, 26)
COMPONENTS = Path(__file__).parents[1] / "processes" / "components"

KUBERNETES_STAMP = "k8s.io/component-base/version"
CLUSTER_API_STAMP = "sigs.k8s.io/cluster-api/version"
CORE_APART = (1, 14)
"""Since this version Cluster API's core manager and its manifests are in `core/` of the module, not at its root."""

MODULES = {"etcd": "go.etcd.io/etcd/server/v3", "kubernetes": "k8s.io/kubernetes", "cluster-api": "sigs.k8s.io/cluster-api"}
"""Product -> the Go module that it is released as."""
NAMES = {"etcd": "etcd", "kubernetes": "Kubernetes", "cluster-api": "Cluster API"}


class ProgramSource(NamedTuple):
    """What one program is built from: product, package, and the package whose variables tell the program its version.

    `cpu_seconds` is what a build from nothing took where it was measured, to say how long it may take here.
    """

    product: str
    package: str
    stamp: str
    cpu_seconds: int


GO_PROGRAMS = {
    "etcd": ProgramSource("etcd", "go.etcd.io/etcd/server/v3", "", 123),
    "clusterctl": ProgramSource("cluster-api", "sigs.k8s.io/cluster-api/cmd/clusterctl", CLUSTER_API_STAMP, 237),
    "capi": ProgramSource("cluster-api", "sigs.k8s.io/cluster-api", CLUSTER_API_STAMP, 94),
    "kube-apiserver": ProgramSource("kubernetes", "k8s.io/kubernetes/cmd/kube-apiserver", KUBERNETES_STAMP, 300),
    "collector": ProgramSource("kubernetes", "../collector/main.go", KUBERNETES_STAMP, 30),
    "kube-controller-manager": ProgramSource(
        "kubernetes", "k8s.io/kubernetes/cmd/kube-controller-manager", KUBERNETES_STAMP, 142
    ),
}
"""In the order that builds shared packages first. `collector` is ours: two of kube-controller-manager's controllers."""


class Pinned(NamedTuple):
    """One program of one release."""

    name: str
    version: str

    @property
    def source(self) -> ProgramSource:
        """What it is built from."""
        return GO_PROGRAMS[self.name]

    @property
    def module(self) -> Path:
        """The Go module in which it is built."""
        return COMPONENTS / f"{self.source.product}-{line_of(self.version)}"

    @property
    def package(self) -> str:
        """What `go build` is told to build."""
        return self.source.package + (f"/{self.core}" if self.name == "capi" and self.core else "")

    @property
    def core(self) -> str:
        """Where in its module Cluster API keeps its core manager."""
        return "core" if tuple(map(int, line_of(self.version).split("."))) >= CORE_APART else ""

    @property
    def linker_flags(self) -> str:
        """What `go build -ldflags` is told: no symbols, and the version, by which clusterctl and clients judge what they talk to."""
        if not self.source.stamp:
            return "-s -w"
        major, minor, _ = self.version.split(".")
        values = {
            "gitVersion": f"v{self.version}",
            "gitMajor": major,
            "gitMinor": minor,
            "gitCommit": "unknown",
            "gitTreeState": "clean",
            "buildDate": "1970-01-01T00:00:00Z",
        }
        return " ".join(["-s", "-w", *(f"-X {self.source.stamp}.{name}={value}" for name, value in values.items())])


def pinned(name: str, line: str = "") -> Pinned:
    """The program of this version line; of the newest one where none is named. KeyError for a line that is not there."""
    releases = lines(GO_PROGRAMS[name].product)
    return Pinned(name, releases[line or max(releases, key=_ordered)])


@functools.cache
def lines(product: str) -> dict[str, str]:
    """The version lines of a product that can be built, in their order: `1.34` -> `1.34.4`."""
    wanted = re.compile(rf"^\s*(?:require )?{re.escape(MODULES[product])} v(\S+)$", re.MULTILINE)
    found = (wanted.search(path.read_text(encoding="utf-8")) for path in COMPONENTS.glob(f"{product}-*/go.mod"))
    releases = sorted((each[1] for each in found if each), key=_ordered)
    return {line_of(release): release for release in releases}


def line_of(version: str) -> str:
    """Major and minor of a version."""
    return ".".join(version.split(".")[:2])


def _ordered(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
