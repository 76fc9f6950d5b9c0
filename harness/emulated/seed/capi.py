"""The Cluster and its Machines as Cluster API leaves them."""

from harness.emulated.kube.client import Json
from harness.emulated.kube.conditions import NOT_PAUSED, Condition
from harness.emulated.kube.resources import CAPI, CLUSTERS, MACHINE_DEPLOYMENTS, MACHINE_SETS, MACHINES
from harness.emulated.plan.plan import CLUSTER, VERSION, HostPlan
from harness.emulated.seed.parts import CLUSTER_LABEL, Scene, encoded, machine_labels, owner

INFRASTRUCTURE_GROUP = "infrastructure.cluster.x-k8s.io"
CLUSTER_CONDITIONS = (
    Condition("Available", "Unknown", "AvailableUnknown", "* ControlPlaneAvailable: Please check controller logs for errors"),
    Condition("RemoteConnectionProbe", "True", "ProbeSucceeded"),
    Condition("InfrastructureReady", "True", "Ready"),
    Condition("ControlPlaneInitialized", "True", "Initialized"),
    Condition("ControlPlaneAvailable", "Unknown", "InternalError", "Please check controller logs for errors"),
    Condition("WorkersAvailable", "True", "Available"),
    Condition("RollingOut", "False", "NotRollingOut"),
    Condition("Remediating", "False", "NotRemediating"),
    Condition("ScalingDown", "False", "NotScalingDown"),
    Condition("ScalingUp", "False", "NotScalingUp"),
    Condition("ControlPlaneMachinesReady", "True", "Ready"),
    Condition("WorkerMachinesReady", "True", "Ready"),
    NOT_PAUSED,
    Condition("Deleting", "False", "NotDeleting"),
)
DEPRECATED = ("Ready", "ControlPlaneInitialized", "InfrastructureReady")
"""What is true of a Cluster by the v1beta1 contract; CAPM3 reads the last."""
MACHINE_CONDITIONS = (
    Condition("Available", "True", "Available"),
    Condition("Ready", "True", "Ready"),
    Condition("BootstrapConfigReady", "True", "DataSecretProvided"),
    Condition("InfrastructureReady", "True", "Ready"),
    Condition("NodeHealthy", "True", "NodeHealthy"),
    Condition("NodeReady", "True", "NodeReady"),
    NOT_PAUSED,
    Condition("Deleting", "False", "NotDeleting"),
)
SET_CONDITIONS = (
    Condition("MachinesReady", "True", "Ready"),
    Condition("MachinesUpToDate", "True", "UpToDate"),
    Condition("ScalingDown", "False", "NotScalingDown"),
    Condition("ScalingUp", "False", "NotScalingUp"),
    NOT_PAUSED,
    Condition("Deleting", "False", "NotDeleting"),
)


def cluster(scene: Scene) -> tuple[Json, Json]:
    """The Cluster and its status."""
    host, port = scene.workload_endpoint
    spec = {
        "clusterNetwork": {"pods": {"cidrBlocks": ["192.168.0.0/18"]}, "services": {"cidrBlocks": ["10.96.0.0/12"]}},
        "controlPlaneEndpoint": {"host": host, "port": port},
        "infrastructureRef": {"apiGroup": INFRASTRUCTURE_GROUP, "kind": "Metal3Cluster", "name": CLUSTER},
    }
    meta = scene.meta(CLUSTER, finalizers=["cluster.cluster.x-k8s.io"])
    planes, workers = len(scene.plan.claimed) - len(scene.plan.workers), len(scene.plan.workers)
    status = {
        "conditions": [scene.condition(said, 1, 160) for said in CLUSTER_CONDITIONS],
        "controlPlane": {**_counted(planes, desired=True)},
        "deprecated": {"v1beta1": {"conditions": [_deprecated(scene, each) for each in DEPRECATED]}},
        "initialization": {"infrastructureProvisioned": True},
        "observedGeneration": 1,
        "phase": "Provisioned",
        "workers": {**_counted(workers, desired=True), "upToDateReplicas": workers},
    }
    return {"apiVersion": CLUSTERS.api_version, "kind": CLUSTERS.kind, "metadata": meta, "spec": spec}, status


def _deprecated(scene: Scene, name: str) -> Json:
    return {"lastTransitionTime": scene.at(160), "status": "True", "type": name}


def _counted(replicas: int, *, desired: bool = False) -> Json:
    counts = dict.fromkeys(("availableReplicas", "readyReplicas", "replicas"), replicas)
    versions = [{"replicas": replicas, "version": VERSION}]
    return {**counts, "versions": versions, **({"desiredReplicas": replicas} if desired else {})}


def machine_deployment(scene: Scene, of: Json) -> tuple[Json, Json]:
    """The MachineDeployment of all workers, and its status."""
    meta = scene.meta(
        f"{CLUSTER}-md",
        labels={CLUSTER_LABEL: CLUSTER},
        owners=[owner(CLUSTERS, of)],
        finalizers=["cluster.x-k8s.io/machinedeployment"],
        annotations={"machinedeployment.clusters.x-k8s.io/revision": "1"},
    )
    labels = {CLUSTER_LABEL: CLUSTER, "pool": "md"}
    rolling = {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}, "type": "RollingUpdate"}
    spec = {**_workers(scene, labels), "rollout": {"strategy": rolling}}
    conditions = (Condition("Available", "True", "Available"), Condition("RollingOut", "False", "NotRollingOut"), *SET_CONDITIONS)
    status = {**_set_status(scene, conditions), "phase": "Running", "selector": _selector(labels)}
    made = {"apiVersion": CLUSTERS.api_version, "kind": MACHINE_DEPLOYMENTS.kind, "metadata": meta, "spec": spec}
    return made, status


def machine_set(scene: Scene, of: Json) -> tuple[Json, Json]:
    """The MachineSet of all workers, and its status."""
    revision = {
        "desired-replicas": str(len(scene.plan.workers)),
        "max-replicas": str(len(scene.plan.workers) + 1),
        "revision": "1",
    }
    annotations = {f"machinedeployment.clusters.x-k8s.io/{name}": value for name, value in revision.items()}
    labels = {CLUSTER_LABEL: CLUSTER, "machine-template-hash": f"1301697840-{scene.plan.suffix}", "pool": "md"}
    meta = scene.meta(
        scene.plan.machine_set,
        labels={**labels, "cluster.x-k8s.io/deployment-name": f"{CLUSTER}-md"},
        owners=[owner(MACHINE_DEPLOYMENTS, of, controller=True, block=True)],
        finalizers=["cluster.x-k8s.io/machineset"],
        annotations={"cluster.x-k8s.io/disable-machine-create": "false", **annotations},
    )
    status = {**_set_status(scene, SET_CONDITIONS), "selector": _selector(labels)}
    made = {
        "apiVersion": CLUSTERS.api_version,
        "kind": MACHINE_SETS.kind,
        "metadata": meta,
        "spec": _workers(scene, labels),
    }
    return made, status


def _set_status(scene: Scene, said: tuple[Condition, ...]) -> Json:
    workers = len(scene.plan.workers)
    conditions = [scene.condition(each, 1, 160) for each in said]
    return {**_counted(workers), "conditions": conditions, "observedGeneration": 1, "upToDateReplicas": workers}


def _workers(scene: Scene, labels: Json) -> Json:
    template = {
        "bootstrap": {"dataSecretName": f"{CLUSTER}-boot-worker"},
        "clusterName": CLUSTER,
        "infrastructureRef": {"apiGroup": INFRASTRUCTURE_GROUP, "kind": "Metal3MachineTemplate", "name": f"{CLUSTER}-worker"},
        "version": VERSION,
    }
    return {
        "clusterName": CLUSTER,
        "replicas": len(scene.plan.workers),
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": template},
    }


def _selector(labels: Json) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def machine(scene: Scene, plan: HostPlan, owned_by: Json) -> Json:
    """The Machine of one host, without its status; owned by the MachineSet, or by the Cluster for a control plane."""
    worker = plan.role == "worker"
    reference = owner(MACHINE_SETS, owned_by, controller=True, block=True) if worker else owner(CLUSTERS, owned_by)
    meta = scene.meta(
        plan.machine, labels=machine_labels(scene.plan, plan), owners=[reference], finalizers=["machine.cluster.x-k8s.io"]
    )
    spec = {
        "bootstrap": {"dataSecretName": f"{CLUSTER}-boot-{'worker' if worker else 'cp'}"},
        "clusterName": CLUSTER,
        "deletion": {"nodeDeletionTimeoutSeconds": 10},
        "infrastructureRef": {"apiGroup": INFRASTRUCTURE_GROUP, "kind": "Metal3Machine", "name": plan.machine},
        "providerID": f"metal3://{scene.namespace}/{plan.provider_id}",
        "version": VERSION,
    }
    return {"apiVersion": MACHINES.api_version, "kind": MACHINES.kind, "metadata": meta, "spec": spec}


def machine_status(scene: Scene, plan: HostPlan) -> Json:
    """Running, on the Node that the host has registered."""
    node = scene.nodes.get(plan.name, {})
    return {
        "addresses": addresses(plan),
        "conditions": [scene.condition(said, 1, 150) for said in MACHINE_CONDITIONS],
        "initialization": {"infrastructureProvisioned": True},
        "lastUpdated": scene.at(150),
        "nodeInfo": node.get("status", {}).get("nodeInfo", {}),
        "nodeRef": {"name": plan.name},
        "observedGeneration": 1,
        "phase": "Running",
    }


def addresses(plan: HostPlan) -> list[Json]:
    """As CAPM3 derives them from the hardware details."""
    kinds = (("InternalIP", plan.address), ("Hostname", plan.name), ("InternalDNS", plan.name))
    return [{"address": address, "type": kind} for kind, address in kinds]


def secrets(scene: Scene) -> list[Json]:
    """The cluster's own secrets (linked by name) and the hand-made bootstrap secrets (they bear the move label)."""
    label = {CLUSTER_LABEL: CLUSTER}
    boot = {**label, "clusterctl.cluster.x-k8s.io/move": "", "environment.metal3.io": "baremetal"}
    contents: dict[str, tuple[Json, dict[str, str]]] = {
        f"{CLUSTER}-ca": (label, {"tls.crt": "certificate of the lab", "tls.key": "key of the lab"}),
        f"{CLUSTER}-kubeconfig": (label, {"value": scene.workload_kubeconfig}),
        f"{CLUSTER}-boot-cp": (boot, {"format": "cloud-config", "value": "#cloud-config\n# control plane\n"}),
        f"{CLUSTER}-boot-worker": (boot, {"format": "cloud-config", "value": "#cloud-config\n# worker\n"}),
    }
    kind = {"apiVersion": "v1", "kind": "Secret", "type": f"{CAPI}/secret"}
    return [
        {**kind, "metadata": scene.meta(name, labels=labels), "data": encoded(data)} for name, (labels, data) in contents.items()
    ]
