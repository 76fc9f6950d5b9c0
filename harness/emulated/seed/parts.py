"""What all seeded objects share: metadata, owner references, conditions, secrets' data, and the times of the lab's past."""

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from harness.emulated.kube.client import Json
from harness.emulated.kube.conditions import Condition
from harness.emulated.kube.resources import ResourceMapping
from harness.emulated.kube.times import timestamp
from harness.emulated.plan.plan import CLUSTER, HostPlan, LabPlan

PAST_SECONDS = 600
CLUSTER_LABEL = "cluster.x-k8s.io/cluster-name"
ENVIRONMENT_LABEL = {"environment.metal3.io": "baremetal"}


@dataclass(frozen=True)
class Image:
    """What the hosts' disks were written with."""

    url: str
    checksum: str

    def on_host(self) -> Json:
        """`spec.image` of a BareMetalHost."""
        return {"url": self.url, "checksum": self.checksum, "checksumType": "sha256", "format": "raw"}

    def on_machine(self) -> Json:
        """`spec.image` of a Metal3Machine."""
        return {"url": self.url, "checksum": self.checksum, "checksumType": "sha256", "diskFormat": "raw"}


@dataclass(frozen=True)
class Scene:
    """What the seed is made from: the plan, the image, the hosts' BMC addresses, the workload cluster's kubeconfig and Nodes."""

    plan: LabPlan
    image: Image
    bmc_addresses: dict[str, str]
    workload_kubeconfig: str = field(repr=False)
    workload_endpoint: tuple[str, int]
    nodes: dict[str, Json]
    began: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(seconds=PAST_SECONDS))

    @property
    def namespace(self) -> str:
        """Where everything that moves lies."""
        return self.plan.config.namespace

    def at(self, seconds: float) -> str:
        """A time of the lab's past, that long after it began."""
        return timestamp(self.began + timedelta(seconds=seconds))

    def condition(self, said: Condition, generation: int, seconds: float) -> Json:
        """A condition that has stood since then."""
        return {
            "lastTransitionTime": self.at(seconds),
            "message": said.message,
            "observedGeneration": generation,
            "reason": said.reason,
            "status": said.status,
            "type": said.type,
        }

    def meta(self, name: str, *, labels: Json | None = None, owners: list[Json] | None = None, **more: object) -> Json:
        """Metadata in the lab's namespace; empty parts are left out."""
        parts = {"labels": labels, "ownerReferences": owners, **more}
        return {"name": name, "namespace": self.namespace, **{key: value for key, value in parts.items() if value}}


def machine_labels(plan: LabPlan, host: HostPlan) -> Json:
    """Labels that a Machine hands down to its Metal3Machine, claim, data and addresses."""
    cluster = {CLUSTER_LABEL: CLUSTER}
    if host.role == "control-plane":
        return {**cluster, "cluster.x-k8s.io/control-plane": ""}
    pool = {"machine-template-hash": f"1301697840-{plan.suffix}", "pool": "md"}
    return {**cluster, "cluster.x-k8s.io/deployment-name": f"{CLUSTER}-md", "cluster.x-k8s.io/set-name": plan.machine_set, **pool}


def owner(resource: ResourceMapping, obj: Json, *, controller: bool | None = None, block: bool = False) -> Json:
    """An ownerReference; `controller` is left out unless given."""
    reference = resource.reference(obj)
    if controller is not None:
        reference["controller"] = controller
    if block:
        reference["blockOwnerDeletion"] = True
    return reference


def encoded(data: dict[str, str]) -> dict[str, str]:
    """A Secret's `data`."""
    return {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
