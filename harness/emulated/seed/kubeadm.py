"""What is applied of a Cluster with a KubeadmControlPlane, after upstream's templates: the plane, and templates of machines and configs.

Each role takes hosts of its own. Where there is a spare, a rollout of the control plane makes one Machine more than wanted; of the workers
one ends before the next is made.
"""

from harness.emulated.kube.client import Json
from harness.emulated.kube.resources import (
    CONTROL_PLANE,
    KUBEADM_CONFIG_TEMPLATES,
    KUBEADM_CONTROL_PLANES,
    METAL3_MACHINE_TEMPLATES,
)
from harness.emulated.plan.plan import CLUSTER, VERSION
from harness.emulated.seed.parts import Scene

PLANE = f"{CLUSTER}-cp"
WORKERS = f"{CLUSTER}-worker"
REGISTRATION = {
    "nodeRegistration": {"kubeletExtraArgs": [{"name": "node-labels", "value": "metal3.io/uuid={{ ds.meta_data.uuid }}"}]}
}


def machine_templates(scene: Scene) -> list[Json]:
    """The Metal3MachineTemplates of both roles."""
    roles = {PLANE: "control-plane", WORKERS: "worker"}
    return [_machine_template(scene, name, {"matchLabels": {"role": role}}) for name, role in roles.items()]


def _machine_template(scene: Scene, name: str, selector: Json) -> Json:
    spec = {
        "automatedCleaningMode": "metadata",
        "dataTemplate": {"name": name},
        "hostSelector": selector,
        "image": scene.image.on_machine(),
    }
    kind = {"apiVersion": METAL3_MACHINE_TEMPLATES.api_version, "kind": METAL3_MACHINE_TEMPLATES.kind}
    return {**kind, "metadata": scene.meta(name), "spec": {"nodeReuse": False, "template": {"spec": spec}}}


def config_template(scene: Scene) -> Json:
    """The KubeadmConfigTemplate of the workers."""
    kind = {"apiVersion": KUBEADM_CONFIG_TEMPLATES.api_version, "kind": KUBEADM_CONFIG_TEMPLATES.kind}
    spec = {"template": {"spec": {"joinConfiguration": REGISTRATION}}}
    return {**kind, "metadata": scene.meta(WORKERS), "spec": spec}


def control_plane(scene: Scene) -> Json:
    """The KubeadmControlPlane."""
    planes = len(scene.plan.claimed) - len(scene.plan.workers)
    reference = {"apiGroup": METAL3_MACHINE_TEMPLATES.group, "kind": METAL3_MACHINE_TEMPLATES.kind, "name": PLANE}
    surge = int(bool(scene.plan.config.spares))
    spec = {
        "kubeadmConfigSpec": {"clusterConfiguration": {}, "initConfiguration": REGISTRATION, "joinConfiguration": REGISTRATION},
        "machineTemplate": {"spec": {"infrastructureRef": reference}},
        "replicas": planes,
        "rollout": {"strategy": {"rollingUpdate": {"maxSurge": surge}, "type": "RollingUpdate"}},
        "version": VERSION,
    }
    kind = {"apiVersion": KUBEADM_CONTROL_PLANES.api_version, "kind": KUBEADM_CONTROL_PLANES.kind}
    return {**kind, "metadata": scene.meta(PLANE), "spec": spec}


def with_control_plane(cluster: Json) -> Json:
    """The Cluster, with its control plane."""
    reference = {"apiGroup": CONTROL_PLANE, "kind": KUBEADM_CONTROL_PLANES.kind, "name": PLANE}
    return {**cluster, "spec": {**cluster["spec"], "controlPlaneRef": reference}}


def with_configs(deployment: Json) -> Json:
    """The MachineDeployment, with configs in the place of a secret, and a rollout that needs no host more."""
    spec = deployment["spec"]
    reference = {"apiGroup": KUBEADM_CONFIG_TEMPLATES.group, "kind": KUBEADM_CONFIG_TEMPLATES.kind, "name": WORKERS}
    machine = {**spec["template"]["spec"], "bootstrap": {"configRef": reference}}
    rollout = {"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}, "type": "RollingUpdate"}}
    return {**deployment, "spec": {**spec, "rollout": rollout, "template": {**spec["template"], "spec": machine}}}
