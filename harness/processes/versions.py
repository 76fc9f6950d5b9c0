"""Which versions are pinned, and where each component's program comes from. The Go ones are held by components/go.mod and go.sum."""

from typing import NamedTuple

KUBERNETES = "1.36.3"
ETCD = "3.6.16"
CLUSTER_API = "1.14.2"
IRONIC = "39.0.0"
GO_MIN = (1, 26)

KUBERNETES_VERSION = "k8s.io/component-base/version"
CLUSTER_API_MODULE = "sigs.k8s.io/cluster-api"
CLUSTER_API_VERSION = "sigs.k8s.io/cluster-api/version"


class GoProgram(NamedTuple):
    """One program to build: its package, its version, and the packages whose variables tell the program that version.

    `cpu_seconds` is what a build from nothing took where it was measured, to say how long it may take here.
    """

    package: str
    version: str
    stamps: tuple[str, ...] = ()
    cpu_seconds: int = 0


GO_PROGRAMS = {
    "etcd": GoProgram("go.etcd.io/etcd/server/v3", ETCD, (), 123),
    "clusterctl": GoProgram("sigs.k8s.io/cluster-api/cmd/clusterctl", CLUSTER_API, (CLUSTER_API_VERSION,), 237),
    "capi": GoProgram("sigs.k8s.io/cluster-api/core", CLUSTER_API, (CLUSTER_API_VERSION,), 94),
    "kube-apiserver": GoProgram("k8s.io/kubernetes/cmd/kube-apiserver", KUBERNETES, (KUBERNETES_VERSION,), 300),
    "collector": GoProgram("./collector", KUBERNETES, (KUBERNETES_VERSION,), 30),
    "kube-controller-manager": GoProgram("k8s.io/kubernetes/cmd/kube-controller-manager", KUBERNETES, (KUBERNETES_VERSION,), 142),
}
"""In the order that builds shared packages first. `collector` is ours: two of kube-controller-manager's controllers."""


def linker_flags(program: GoProgram) -> str:
    """What `go build -ldflags` is told: no symbols, and the version, by which clusterctl and clients judge what they talk to."""
    major, minor, _ = program.version.split(".")
    values = {
        "gitVersion": f"v{program.version}",
        "gitMajor": major,
        "gitMinor": minor,
        "gitCommit": "unknown",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
    }
    stamps = [f"-X {package}.{name}={value}" for package in program.stamps for name, value in values.items()]
    return " ".join(["-s", "-w", *stamps])
