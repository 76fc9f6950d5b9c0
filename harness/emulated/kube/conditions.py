"""Conditions of a status, in the order and with the transition times that the real controllers keep."""

from dataclasses import dataclass

from harness.emulated.kube.client import Json
from harness.emulated.kube.times import timestamp


@dataclass(frozen=True, slots=True)
class Condition:
    """What a controller says: `status` is "True", "False" or "Unknown"."""

    type: str
    status: str
    reason: str
    message: str = ""


def find(status: Json, type_: str) -> Json | None:
    """The condition of that type, or None."""
    return next((condition for condition in status.get("conditions") or [] if condition["type"] == type_), None)


def is_true(obj: Json, type_: str) -> bool:
    """Does the object's condition say True?"""
    found = find(obj.get("status", {}), type_)
    return found is not None and found["status"] == "True"


def set_condition(status: Json, said: Condition, generation: int) -> None:
    """Put `said` into `status`; the transition time moves only when the condition's status does."""
    found = find(status, said.type)
    entry = {
        "lastTransitionTime": found["lastTransitionTime"] if found and found["status"] == said.status else timestamp(),
        "message": said.message,
        "observedGeneration": generation,
        "reason": said.reason,
        "status": said.status,
        "type": said.type,
    }
    if found is None:
        status.setdefault("conditions", []).append(entry)
    else:
        found.clear()
        found.update(entry)


def set_deprecated(status: Json, said: Condition) -> None:
    """Put `said` where it is read by the v1beta1 contract, as CAPM3 does: Ready first, then by type, and only a False is explained."""
    there: list[Json] = status.setdefault("deprecated", {}).setdefault("v1beta1", {}).setdefault("conditions", [])
    found = next((condition for condition in there if condition["type"] == said.type), None)
    stands = found is not None and found["status"] == said.status
    entry = {
        "lastTransitionTime": found["lastTransitionTime"] if found and stands else timestamp(),
        "status": said.status,
        "type": said.type,
    }
    if said.status != "True":
        entry |= {"reason": said.reason, "severity": "Info", **({"message": said.message} if said.message else {})}
    kept = [condition for condition in there if condition is not found]
    there[:] = sorted([*kept, entry], key=lambda condition: (condition["type"] != "Ready", condition["type"]))


PAUSED = Condition("Paused", "True", "Paused", "Cluster spec.paused is set to true")
NOT_PAUSED = Condition("Paused", "False", "NotPaused")
STEADY = (
    Condition("Remediating", "False", "NotRemediating"),
    Condition("ScalingDown", "False", "NotScalingDown"),
)
"""Constant conditions of every Cluster, MachineDeployment and MachineSet: nothing here is remediated or scaled down."""
NOT_ROLLING_OUT = Condition("RollingOut", "False", "NotRollingOut")
"""The same, but not of a MachineSet."""
SCALING_UP = Condition("ScalingUp", "True", "ScalingUp")
NOT_SCALING_UP = Condition("ScalingUp", "False", "NotScalingUp")
