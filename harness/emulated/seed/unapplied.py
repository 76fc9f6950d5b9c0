"""What somebody applies to provision this lab's Cluster from zero, as it is before any controller has seen it.

As recorded: hosts and their BMCs' secrets first, then the Cluster with its secrets, its infrastructure, one stand-alone Machine a
control plane, and the MachineDeployment of all workers. Bootstrap data are secrets made by hand. With `kubeadm`, after upstream's templates
and not recorded: a KubeadmControlPlane, and a KubeadmConfigTemplate of the workers.
"""

from typing import Any

from harness.emulated.kube.client import Json
from harness.emulated.plan.plan import HostPlan
from harness.emulated.seed import capi, capm3, kubeadm, metal3
from harness.emulated.seed.parts import CLUSTER_LABEL, Scene, encoded

USERS_LABELS = (CLUSTER_LABEL, "cluster.x-k8s.io/control-plane", "clusterctl.cluster.x-k8s.io/move")
BY_CONTROLLERS = ("architecture", "consumerRef", "image", "metaData", "networkData", "userData")
"""Fields of a host's spec that controllers write."""
NOBODY: Json = {"metadata": {"name": "", "uid": ""}}
"""Stands for an owner; references to owners are left to the controllers."""


def hosts(scene: Scene) -> list[Json]:
    """The BMCs' secrets and the BareMetalHosts."""
    return [each for plan in scene.plan.hosts for each in (_bmc_secret(scene, plan), _host(scene, plan))]


def cluster(scene: Scene) -> list[Json]:
    """The Cluster and all that belongs to it."""
    if scene.plan.config.kubeadm:
        return _kubeadm_cluster(scene)
    planes = [plan for plan in scene.plan.claimed if plan not in scene.plan.workers]
    templates = [each for each, _ in capm3.data_templates(scene)]
    infrastructure = (capm3.metal3_cluster(scene, NOBODY)[0], capm3.pool(scene, NOBODY)[0])
    machines = [made for plan in planes for made in (_metal3_machine(scene, plan), capi.machine(scene, plan, NOBODY))]
    return [
        *(_bare(secret) for secret in capi.secrets(scene)),
        _bare(capi.cluster(scene)[0]),
        *(_bare(each, labels=False) for each in infrastructure),
        *(_bare(each) for each in (*templates, *capm3.machine_templates(scene, NOBODY), *machines)),
        _bare(capi.machine_deployment(scene, NOBODY)[0]),
    ]


def _kubeadm_cluster(scene: Scene) -> list[Json]:
    """The same with a KubeadmControlPlane, and templates of bootstrap configs in the place of secrets made by hand."""
    templates = [each for each, _ in capm3.data_templates(scene)]
    infrastructure = (capm3.metal3_cluster(scene, NOBODY)[0], capm3.pool(scene, NOBODY)[0])
    made_by_hand = [each for each in capi.secrets(scene) if "-boot-" not in each["metadata"]["name"]]
    machines = (*templates, *kubeadm.machine_templates(scene), kubeadm.config_template(scene))
    return [
        *(_bare(secret) for secret in made_by_hand),
        kubeadm.with_control_plane(_bare(capi.cluster(scene)[0])),
        *(_bare(each, labels=False) for each in infrastructure),
        *(_bare(each) for each in machines),
        kubeadm.control_plane(scene),
        kubeadm.with_configs(_bare(capi.machine_deployment(scene, NOBODY)[0])),
    ]


def _bmc_secret(scene: Scene, plan: HostPlan) -> Json:
    data = encoded({"username": plan.username, "password": plan.password})
    return {"apiVersion": "v1", "kind": "Secret", "metadata": scene.meta(f"{plan.name}-bmc"), "type": "Opaque", "data": data}


def _host(scene: Scene, plan: HostPlan) -> Json:
    made = metal3.host(scene, plan)
    spec = {key: value for key, value in made["spec"].items() if key not in BY_CONTROLLERS}
    return {**made, "metadata": scene.meta(plan.name, labels={"role": plan.role}), "spec": spec}


def _metal3_machine(scene: Scene, plan: HostPlan) -> Json:
    """Its template's namespace is filled in by CAPM3."""
    made = capm3.machine(scene, plan, NOBODY)[0]
    return {**made, "spec": {**made["spec"], "dataTemplate": {"name": plan.template}}}


def _bare(made: Json, *, labels: bool = True) -> Json:
    """Without what controllers add: finalizers, owners, annotations, labels of theirs, the provider's id."""
    meta = made["metadata"]
    kept = {key: value for key, value in meta.get("labels", {}).items() if key in USERS_LABELS and labels}
    bare: dict[str, Any] = {key: meta[key] for key in ("name", "namespace")} | ({"labels": kept} if kept else {})
    spec = {"spec": {key: value for key, value in made["spec"].items() if key != "providerID"}} if "spec" in made else {}
    return {**made, "metadata": bare, **spec}
