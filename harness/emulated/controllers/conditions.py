"""Conditions of a status, in the order and with the transition times that the real controllers keep."""

from dataclasses import dataclass

from harness.emulated.client import Json
from harness.emulated.pace import timestamp


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


PAUSED = Condition("Paused", "True", "Paused", "Cluster spec.paused is set to true")
NOT_PAUSED = Condition("Paused", "False", "NotPaused")
STEADY = (
    Condition("Remediating", "False", "NotRemediating"),
    Condition("ScalingDown", "False", "NotScalingDown"),
)
"""What is said of every Cluster, MachineDeployment and MachineSet, as nothing here is remediated or scaled down."""
NOT_ROLLING_OUT = Condition("RollingOut", "False", "NotRollingOut")
"""The same, but not of a MachineSet."""
SCALING_UP = Condition("ScalingUp", "True", "ScalingUp")
NOT_SCALING_UP = Condition("ScalingUp", "False", "NotScalingUp")
