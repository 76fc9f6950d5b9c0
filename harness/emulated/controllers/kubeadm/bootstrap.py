"""KubeadmConfig: the Secret with which a Machine's server boots, once the Cluster can be joined.

Upstream: the first control plane Machine initialises the Cluster, and all others wait until it is initialised. The Secret bears the
config's name, and is its own.
"""

import base64

from harness.emulated.controllers.informer import Informer, NamespacedName
from harness.emulated.controllers.objects import (
    CLUSTER_LABEL,
    cluster_of,
    has_infrastructure,
    is_deleted,
    is_paused,
    owner_of,
    patch_status,
    status_copy,
)
from harness.emulated.controllers.runtime import ControllerManager
from harness.emulated.kube import conditions
from harness.emulated.kube.client import AlreadyExistsError, Client, Json
from harness.emulated.kube.resources import CAPI, CLUSTERS, KUBEADM_CONFIGS, MACHINES, SECRETS

CONTROL_PLANE_LABEL = "cluster.x-k8s.io/control-plane"
REQUEUE_SECONDS = 30.0
NO_INFRASTRUCTURE = conditions.Condition(
    "DataSecretAvailable", "False", "NotAvailable", "Waiting for Cluster status.infrastructureReady to be true"
)
NO_CONTROL_PLANE = conditions.Condition(
    "DataSecretAvailable", "False", "NotAvailable", "Waiting for Cluster control plane to be initialized"
)
AVAILABLE = (conditions.Condition("DataSecretAvailable", "True", "Available"), conditions.Condition("Ready", "True", "Ready"))


class KubeadmConfigReconciler:
    """The reconciler of KubeadmConfigs."""

    def __init__(self, manager: ControllerManager) -> None:
        self._client: Client = manager.client
        self._clusters: Informer = manager.informer(CLUSTERS)
        self._machines: Informer = manager.informer(MACHINES)
        self._ours: Informer = manager.informer(KUBEADM_CONFIGS)
        queue = manager.controller(KUBEADM_CONFIGS, self.reconcile)
        manager.maps(CLUSTERS, queue, self._of_cluster)
        manager.maps(MACHINES, queue, _of_machine)

    async def reconcile(self, key: NamespacedName) -> float | None:
        """One config; nothing is done for one that no Machine owns yet."""
        ours = self._ours.get(key)
        cluster = cluster_of(self._clusters, ours) if ours else None
        if ours is None or cluster is None or is_deleted(ours):
            return None
        status, generation = status_copy(ours), ours["metadata"]["generation"]
        conditions.set_condition(status, conditions.PAUSED if is_paused(cluster) else conditions.NOT_PAUSED, generation)
        machine = self._machines.get((key[0], owner_of(ours, MACHINES.kind)))
        waiting = _waits_for(cluster, machine)
        if not is_paused(cluster) and machine is not None and not status.get("initialization"):
            if waiting is None:
                await self._write_data(ours, machine)
                status |= {"initialization": {"dataSecretCreated": True}, "dataSecretName": key[1]}
            for said in (waiting,) if waiting else AVAILABLE:
                conditions.set_condition(status, said, generation)
            status["observedGeneration"] = generation
        await patch_status(self._client, self._ours, ours, status)
        return REQUEUE_SECONDS if waiting and not is_paused(cluster) else None

    async def _write_data(self, ours: Json, machine: Json) -> None:
        """The Secret; one that is there already is well."""
        meta = ours["metadata"]
        role = "control plane" if CONTROL_PLANE_LABEL in machine["metadata"].get("labels", {}) else "worker"
        text = f"#cloud-config\n# {role} of Kubernetes {machine['spec'].get('version', '')}\n"
        data = {"format": "cloud-config", "value": text}
        secret = {
            "apiVersion": "v1",
            "kind": SECRETS.kind,
            "type": f"{CAPI}/secret",
            "metadata": {
                "name": meta["name"],
                "namespace": meta["namespace"],
                "labels": {CLUSTER_LABEL: machine["spec"]["clusterName"]},
                "ownerReferences": [{**KUBEADM_CONFIGS.reference(ours), "controller": True}],
            },
            "data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()},
        }
        try:
            await self._client.create(SECRETS, secret)
        except AlreadyExistsError:
            return

    def _of_cluster(self, cluster: Json) -> list[NamespacedName]:
        meta = cluster["metadata"]
        listed = self._ours.items(meta["namespace"])
        names = [each["metadata"] for each in listed if each["metadata"].get("labels", {}).get(CLUSTER_LABEL) == meta["name"]]
        return [(each["namespace"], each["name"]) for each in names]


def _of_machine(machine: Json) -> list[NamespacedName]:
    named = machine["spec"].get("bootstrap", {}).get("configRef", {}).get("name")
    return [(machine["metadata"]["namespace"], named)] if named else []


def _waits_for(cluster: Json, machine: Json | None) -> conditions.Condition | None:
    """What a config waits for; None where its data can be written. The first control plane Machine has its KubeadmControlPlane's word."""
    if not has_infrastructure(cluster):
        return NO_INFRASTRUCTURE
    is_plane = machine is not None and CONTROL_PLANE_LABEL in machine["metadata"].get("labels", {})
    return None if is_plane or conditions.is_true(cluster, "ControlPlaneInitialized") else NO_CONTROL_PLANE
