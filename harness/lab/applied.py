"""The files of a lab file that hold what is applied to its clusters, and the kinds of values that a lab file has."""

from pathlib import Path
from typing import Annotated

import msgspec

ExistingFile = Annotated[Path, "the path of a file"]
Kubeconfig = Annotated[Path, "the path of a file with a kubeconfig"]
AwaitedFile = Annotated[Path, "the path of a file that may be there only later"]
ExistingPath = Annotated[Path, "the path of a file or a directory"]
ExecutableFile = Annotated[Path, "the path of a program"]
IpAddress = Annotated[str, "an IP address"]
HttpUrl = Annotated[str, "an http or https address"]
BmcUrl = Annotated[str, "a BMC address like redfish://10.0.0.13/redfish/v1/Systems/1 or ipmi://10.0.0.13"]
Positive = Annotated[float, "a number greater than 0"]
PersonalityName = Annotated[str, "the name of a file in bmc/redfish/personality"]
Count = Annotated[int, "a whole number, 0 or more"]


class Manifests(msgspec.Struct, frozen=True):
    """What is applied to provision a Cluster from zero: the hosts with their BMCs' secrets, and all the rest."""

    hosts: ExistingFile
    cluster: ExistingFile


class Init(msgspec.Struct, frozen=True):
    """What is applied to make a management cluster of a bare one: clusterctl's providers, the Baremetal Operator, and Ironic."""

    providers: ExistingFile | None = None
    bmo: ExistingFile | None = None
    ironic: ExistingFile | None = None


class Upgrade(msgspec.Struct, frozen=True):
    """What is applied to upgrade: the providers, the Baremetal Operator and Ironic of a management cluster, and the Cluster.

    `cluster` has the machine templates of another Kubernetes version, with the KubeadmControlPlane and MachineDeployments as they
    shall be: what of their `spec` is written there is changed.
    """

    providers: ExistingFile | None = None
    bmo: ExistingFile | None = None
    ironic: ExistingFile | None = None
    cluster: ExistingFile | None = None
