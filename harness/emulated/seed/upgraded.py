"""What somebody applies to upgrade this lab, in the files of `lab.yaml`'s `upgrade`.

Providers, Baremetal Operator and Ironic of the next release (the same programs of ours, under another image and version), and of a Cluster
with a KubeadmControlPlane the machine templates of the next Kubernetes, with what refers to them.
"""

from harness.emulated.kube.client import Json
from harness.emulated.kube.resources import KUBEADM_CONTROL_PLANES, MACHINE_DEPLOYMENTS, METAL3_MACHINE_TEMPLATES
from harness.emulated.plan.plan import CLUSTER, NEXT_VERSION
from harness.emulated.seed import kubeadm, steady
from harness.emulated.seed.parts import Image, Scene

RELEASES = {"capi": "1.14.3", "bootstrap": "1.14.3", "control-plane": "1.14.3", "capm3": "1.14.1", "ipam": "1.14.1"}
TAG = "next"


def components(*, kubeadm: bool) -> dict[str, list[Json]]:
    """The objects of each file, in the order to apply them."""
    managers = [_deployment(*each) for each in steady.managers(kubeadm=kubeadm)]
    return {
        "providers": [*steady.inventory(RELEASES, kubeadm=kubeadm), *managers],
        "bmo": [_deployment(*steady.BMO)],
        "ironic": [_deployment(*steady.IRONIC)],
    }


def _deployment(place: str, name: str) -> Json:
    """The Deployment with its next image; how many replicas it shall have is left as it is."""
    made = steady.deployment(place, name, replicas=1)
    template = made["spec"]["template"]
    containers = [{**each, "image": f"{each['image']}:{TAG}"} for each in template["spec"]["containers"]]
    spec = {"template": {**template, "spec": {**template["spec"], "containers": containers}}}
    return {**made, "spec": spec}


def cluster(scene: Scene, image: Image) -> dict[str, list[Json]]:
    """The file of the Cluster; none where its control plane is Machines that stand alone, which nobody rolls out."""
    if not scene.plan.config.kubeadm:
        return {}
    ends = {each["metadata"]["name"]: each for each in kubeadm.machine_templates(scene)}
    templates = {name: _template(each, image) for name, each in ends.items()}
    plane, workers = (templates[name]["metadata"]["name"] for name in (kubeadm.PLANE, kubeadm.WORKERS))
    names = {"group": METAL3_MACHINE_TEMPLATES.group, "kind": METAL3_MACHINE_TEMPLATES.kind}
    reference = {"apiGroup": names["group"], "kind": names["kind"]}
    of_plane = {"machineTemplate": {"spec": {"infrastructureRef": {**reference, "name": plane}}}, "version": NEXT_VERSION}
    of_workers = {"infrastructureRef": {**reference, "name": workers}, "version": NEXT_VERSION}
    planes = {"apiVersion": KUBEADM_CONTROL_PLANES.api_version, "kind": KUBEADM_CONTROL_PLANES.kind}
    deployments = {"apiVersion": MACHINE_DEPLOYMENTS.api_version, "kind": MACHINE_DEPLOYMENTS.kind}
    changed = [
        {**planes, "metadata": scene.meta(kubeadm.PLANE), "spec": of_plane},
        {**deployments, "metadata": scene.meta(f"{CLUSTER}-md"), "spec": {"template": {"spec": of_workers}}},
    ]
    return {"cluster": [*templates.values(), *(changed if scene.plan.workers else changed[:1])]}


def _template(made: Json, image: Image) -> Json:
    """The template of the next Kubernetes: another name, another image; control planes may take a spare, too."""
    spec = made["spec"]["template"]["spec"]
    role = spec["hostSelector"]["matchLabels"]["role"]
    roles = [role, "spare"] if role == "control-plane" else [role]
    selector = {"matchExpressions": [{"key": "role", "operator": "In", "values": roles}]}
    meta = {**made["metadata"], "name": f"{made['metadata']['name']}-{NEXT_VERSION.replace('.', '-')}"}
    wanted = {**spec, "hostSelector": selector, "image": image.on_machine()}
    return {**made, "metadata": meta, "spec": {**made["spec"], "template": {"spec": wanted}}}
