"""The status of a KubeadmControlPlane: counts and conditions of its Machines. Pure."""

from harness.emulated.controllers.objects import is_deleted
from harness.emulated.kube.client import Json
from harness.emulated.kube.conditions import NOT_ROLLING_OUT, NOT_SCALING_UP, SCALING_UP, Condition, is_true, set_condition

NAME_LABEL = "cluster.x-k8s.io/control-plane-name"


def status_of(status: Json, plane: Json, machines: list[Json], *, well: int, outdated: int) -> None:
    """Write what there is of these Machines into the status: `well` of them run, and `outdated` are to be replaced."""
    wanted, generation = plane["spec"].get("replicas", 1), plane["metadata"]["generation"]
    ready = sum(is_true(each, "Ready") for each in machines)
    if any(each.get("status", {}).get("nodeRef") for each in machines):
        status["initialization"] = {"controlPlaneInitialized": True}
    status.update(
        availableReplicas=ready,
        observedGeneration=generation,
        readyReplicas=ready,
        replicas=len(machines),
        selector=f"cluster.x-k8s.io/control-plane-name={plane['metadata']['name']}",
        upToDateReplicas=len(machines) - outdated,
    )
    if versions := sorted(each["spec"]["version"] for each in machines):
        status["version"] = versions[0]
    for said in _conditions(status, machines, wanted, well=well, outdated=outdated):
        set_condition(status, said, generation)


def _conditions(status: Json, machines: list[Json], wanted: int, *, well: int, outdated: int) -> list[Condition]:
    there, going = len(machines), sum(is_deleted(each) for each in machines)
    initialized = bool(status.get("initialization"))
    rolling = Condition("RollingOut", "True", "RollingOut", f"Rolling out {outdated} not up-to-date replicas")
    majority = well > wanted // 2
    ready = status["readyReplicas"] == there
    return [
        Condition("Available", "True", "Available")
        if initialized and majority
        else Condition("Available", "False", "NotAvailable", f"{well} of {wanted} control plane Machines are healthy"),
        Condition("Initialized", "True", "Initialized") if initialized else Condition("Initialized", "False", "NotInitialized"),
        Condition("CertificatesAvailable", "True", "Available"),
        Condition("EtcdClusterHealthy", "True", "Healthy")
        if initialized
        else Condition("EtcdClusterHealthy", "Unknown", "HealthUnknown"),
        Condition("MachinesReady", "True", "Ready") if ready else Condition("MachinesReady", "False", "NotReady"),
        Condition("MachinesUpToDate", "False", "NotUpToDate") if outdated else Condition("MachinesUpToDate", "True", "UpToDate"),
        rolling if outdated else NOT_ROLLING_OUT,
        Condition("Remediating", "False", "NotRemediating"),
        Condition("ScalingDown", "True", "ScalingDown")
        if going or there > wanted
        else Condition("ScalingDown", "False", "NotScalingDown"),
        SCALING_UP if there < wanted else NOT_SCALING_UP,
        Condition("Deleting", "False", "NotDeleting"),
    ]
