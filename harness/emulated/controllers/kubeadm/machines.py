"""What a KubeadmControlPlane makes for one Machine: its Metal3Machine, its KubeadmConfig, the Machine. Pure."""

from harness.emulated.controllers.kubeadm.rollout import template_of
from harness.emulated.controllers.objects import CLUSTER_LABEL
from harness.emulated.kube.client import Json
from harness.emulated.kube.resources import (
    KUBEADM_CONFIGS,
    KUBEADM_CONTROL_PLANES,
    MACHINES,
    METAL3_MACHINES,
    ResourceMapping,
)

CONTROL_PLANE_LABEL = "cluster.x-k8s.io/control-plane"
NAME_LABEL = "cluster.x-k8s.io/control-plane-name"


def metal3_machine(plane: Json, cluster: str, name: str, template: Json) -> Json:
    """The clone of the plane's Metal3MachineTemplate."""
    cloned = {
        "cluster.x-k8s.io/cloned-from-groupkind": f"Metal3MachineTemplate.{METAL3_MACHINES.group}",
        "cluster.x-k8s.io/cloned-from-name": template_of(plane),
    }
    spec = template["spec"]["template"]["spec"]
    made = _made(METAL3_MACHINES, plane, cluster, name, controller=False)
    return {**made, "metadata": {**made["metadata"], "annotations": cloned}, "spec": spec}


def config(plane: Json, cluster: str, name: str, *, first: bool) -> Json:
    """The KubeadmConfig: the first Machine of a Cluster initialises it, all others join."""
    wanted = plane["spec"].get("kubeadmConfigSpec", {})
    left = ("joinConfiguration",) if first else ("initConfiguration", "clusterConfiguration")
    spec = {key: value for key, value in wanted.items() if key not in left}
    return {**_made(KUBEADM_CONFIGS, plane, cluster, name, controller=False), "spec": spec}


def machine(plane: Json, cluster: str, name: str) -> Json:
    """The Machine of both."""
    references = {
        "infrastructureRef": {"apiGroup": METAL3_MACHINES.group, "kind": METAL3_MACHINES.kind, "name": name},
        "bootstrap": {"configRef": {"apiGroup": KUBEADM_CONFIGS.group, "kind": KUBEADM_CONFIGS.kind, "name": name}},
    }
    spec = {"clusterName": cluster, "version": plane["spec"]["version"], "deletion": {"nodeDeletionTimeoutSeconds": 10}}
    return {**_made(MACHINES, plane, cluster, name, controller=True), "spec": {**spec, **references}}


def _made(resource: ResourceMapping, plane: Json, cluster: str, name: str, *, controller: bool) -> Json:
    owner = KUBEADM_CONTROL_PLANES.reference(plane)
    owned = {**owner, "controller": True, "blockOwnerDeletion": True} if controller else owner
    meta = {
        "name": name,
        "namespace": plane["metadata"]["namespace"],
        "labels": {
            **plane["spec"]["machineTemplate"].get("metadata", {}).get("labels", {}),
            CLUSTER_LABEL: cluster,
            CONTROL_PLANE_LABEL: "",
            NAME_LABEL: plane["metadata"]["name"],
        },
        "ownerReferences": [owned],
    }
    return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": meta}
