"""Which kinds are watched: what a pivot moves, what it stops and starts, and what tells why."""

import msgspec

CAPI = "cluster.x-k8s.io"
INFRASTRUCTURE = "infrastructure.cluster.x-k8s.io"
IPAM = "ipam.metal3.io"
METAL3 = "metal3.io"


class Kind(msgspec.Struct, frozen=True):
    """A kind to watch, in whatever version its API server prefers: in the pivot's namespace, in another one, or `everywhere`."""

    kind: str
    group: str = ""
    everywhere: bool = False
    namespace: str = ""


PIVOT_KINDS = (
    Kind("Cluster", CAPI),
    Kind("Machine", CAPI),
    Kind("MachineSet", CAPI),
    Kind("MachineDeployment", CAPI),
    Kind("KubeadmControlPlane", "controlplane.cluster.x-k8s.io"),
    Kind("Metal3Cluster", INFRASTRUCTURE),
    Kind("Metal3Machine", INFRASTRUCTURE),
    Kind("Metal3MachineTemplate", INFRASTRUCTURE),
    Kind("Metal3DataTemplate", INFRASTRUCTURE),
    Kind("Metal3DataClaim", INFRASTRUCTURE),
    Kind("Metal3Data", INFRASTRUCTURE),
    Kind("IPPool", IPAM),
    Kind("IPClaim", IPAM),
    Kind("IPAddress", IPAM),
    Kind("BareMetalHost", METAL3),
    Kind("HardwareData", METAL3),
    Kind("HostFirmwareSettings", METAL3),
    Kind("HostFirmwareComponents", METAL3),
    Kind("FirmwareSchema", METAL3),
    Kind("Secret"),
    Kind("Event"),
    Kind("Deployment", "apps", everywhere=True),
    Kind("CustomResourceDefinition", "apiextensions.k8s.io"),
    Kind("Provider", "clusterctl.cluster.x-k8s.io", everywhere=True),
)
"""For the two management clusters."""

WORKLOAD_KINDS = (Kind("Node"),)
"""For the cluster whose nodes are the hosts."""
