"""What Cluster API makes where there are too few: the MachineSet of a MachineDeployment, the Machines of a MachineSet. Pure.

Each Machine comes with a Metal3Machine of the same name, cloned from the template before the Machine is made.
"""

import random
import zlib

import msgspec

from harness.emulated.controllers.objects import CLUSTER_LABEL
from harness.emulated.kube.client import Json
from harness.emulated.kube.resources import KUBEADM_CONFIGS, MACHINE_DEPLOYMENTS, MACHINE_SETS, MACHINES, METAL3_MACHINES

SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
SUFFIX_LENGTH = 5
REVISION_KEY = "machinedeployment.clusters.x-k8s.io/revision"
REVISION = {REVISION_KEY: "1"}


def new_name(prefix: str, dice: random.Random) -> str:
    """`prefix` and five letters, as the API server would complete it."""
    return f"{prefix}-{''.join(dice.choices(SUFFIX_LETTERS, k=SUFFIX_LENGTH))}"


def revision_of(machine_set: Json) -> int:
    """Which of its deployment's MachineSets it is, by its own account."""
    return int(machine_set["metadata"].get("annotations", {}).get(REVISION_KEY, "1"))


def machine_set(deployment: Json, name: str, *, size: int, revision: int) -> Json:
    """A MachineSet of a deployment; its hash label tells it from others of other templates."""
    spec, meta = deployment["spec"], deployment["metadata"]
    number = zlib.crc32(msgspec.json.encode(spec["template"], order="deterministic"))
    labels = {**spec["template"]["metadata"].get("labels", {}), "machine-template-hash": f"{number}-{name.rpartition('-')[2]}"}
    wanted, surge = (
        spec.get("replicas", 1),
        spec.get("rollout", {}).get("strategy", {}).get("rollingUpdate", {}).get("maxSurge", 1),
    )
    counts = {"desired-replicas": str(wanted), "max-replicas": str(wanted + surge)}
    annotations = {f"machinedeployment.clusters.x-k8s.io/{key}": value for key, value in counts.items()}
    annotations[REVISION_KEY] = str(revision)
    template = {**spec["template"], "metadata": {**spec["template"]["metadata"], "labels": labels}}
    return {
        "apiVersion": MACHINE_SETS.api_version,
        "kind": MACHINE_SETS.kind,
        "metadata": {
            "name": name,
            "namespace": meta["namespace"],
            "labels": {**labels, CLUSTER_LABEL: spec["clusterName"], "cluster.x-k8s.io/deployment-name": meta["name"]},
            "annotations": {"cluster.x-k8s.io/disable-machine-create": "false", **annotations},
            "ownerReferences": [{**MACHINE_DEPLOYMENTS.reference(deployment), "controller": True, "blockOwnerDeletion": True}],
        },
        "spec": {
            "clusterName": spec["clusterName"],
            "replicas": size,
            "selector": {
                "matchLabels": {**spec["selector"]["matchLabels"], "machine-template-hash": labels["machine-template-hash"]}
            },
            "template": template,
        },
    }


def _meta(owner: Json, name: str) -> Json:
    """Metadata of what a MachineSet makes."""
    deployment = owner["metadata"].get("labels", {}).get("cluster.x-k8s.io/deployment-name")
    named = {"cluster.x-k8s.io/deployment-name": deployment} if deployment else {}
    labels = {
        **owner["spec"]["template"]["metadata"].get("labels", {}),
        CLUSTER_LABEL: owner["spec"]["clusterName"],
        "cluster.x-k8s.io/set-name": owner["metadata"]["name"],
        **named,
    }
    return {"name": name, "namespace": owner["metadata"]["namespace"], "labels": labels}


def metal3_machine(owner: Json, name: str, template: Json) -> Json:
    """The clone of a Metal3MachineTemplate; its Machine becomes its owner in the MachineSet's place."""
    group = METAL3_MACHINES.group
    cloned = {
        "cluster.x-k8s.io/cloned-from-groupkind": f"Metal3MachineTemplate.{group}",
        "cluster.x-k8s.io/cloned-from-name": template["metadata"]["name"],
    }
    meta = {**_meta(owner, name), "annotations": cloned, "ownerReferences": [MACHINE_SETS.reference(owner)]}
    kind = {"apiVersion": METAL3_MACHINES.api_version, "kind": METAL3_MACHINES.kind}
    return {**kind, "metadata": meta, "spec": template["spec"]["template"]["spec"]}


def config_template(owner: Json) -> str:
    """The name of the KubeadmConfigTemplate of what a MachineSet makes; empty where its Machines name a Secret."""
    name: str = owner["spec"]["template"]["spec"]["bootstrap"].get("configRef", {}).get("name", "")
    return name


def kubeadm_config(owner: Json, name: str, template: Json) -> Json:
    """The clone of a KubeadmConfigTemplate."""
    meta = {**_meta(owner, name), "ownerReferences": [MACHINE_SETS.reference(owner)]}
    kind = {"apiVersion": KUBEADM_CONFIGS.api_version, "kind": KUBEADM_CONFIGS.kind}
    return {**kind, "metadata": meta, "spec": template["spec"]["template"].get("spec", {})}


def machine(owner: Json, name: str) -> Json:
    """The Machine of that Metal3Machine."""
    reference = {**MACHINE_SETS.reference(owner), "controller": True, "blockOwnerDeletion": True}
    meta = {**_meta(owner, name), "finalizers": ["machine.cluster.x-k8s.io"], "ownerReferences": [reference]}
    spec = owner["spec"]["template"]["spec"]
    infrastructure = {"apiGroup": METAL3_MACHINES.group, "kind": METAL3_MACHINES.kind, "name": name}
    wanted = {"deletion": {"nodeDeletionTimeoutSeconds": 10}, **spec, "infrastructureRef": infrastructure}
    if config_template(owner):
        reference_of_config = {"apiGroup": KUBEADM_CONFIGS.group, "kind": KUBEADM_CONFIGS.kind, "name": name}
        wanted["bootstrap"] = {"configRef": reference_of_config}
    return {"apiVersion": MACHINES.api_version, "kind": MACHINES.kind, "metadata": meta, "spec": wanted}
