"""What an object's status says of its being reconciled, beside the status that it had before: two versions, and what is worse."""

from collections.abc import Iterator
from typing import Any

from harness.world.carried.equality import cleaned
from harness.world.changes.objects import conditions
from harness.world.world import Version, remembered

PAUSED = "cluster.x-k8s.io/paused"
COUNTED = (
    *("replicas", "readyReplicas", "availableReplicas", "upToDateReplicas", "updatedReplicas", "unavailableReplicas"),
    *("versions", "selector", "workers", "controlPlane"),
)
FREE_STATUS = (*COUNTED, "lastUpdated", "observedGeneration", "conditions", "deprecated", "v1beta2", "nodeInfo", "phase")
"""Members that say when, in which version, or how many: they may differ while nothing is wrong, as when a user scales."""
ERRORS = ("failureReason", "failureMessage", "errorReason", "errorMessage")
UNBOUND = frozenset({*FREE_STATUS, *ERRORS})
REBUILT = (
    *("ready", "initialization", "infrastructureReady", "controlPlaneReady", "bootstrapReady", "addresses", "nodeRef"),
    *("indexes", "address", "renderedData", "metaData", "networkData"),
)
"""Members that every new owner writes again (recorded pivots). Others may never come again, as the `userData` of a server that runs; what
came and went afterwards is told of all."""
FREE_CONDITIONS = (
    *("Available", "WorkersAvailable", "WorkerMachinesReady", "WorkerMachinesUpToDate", "MachinesReady", "MachinesUpToDate"),
    *("ControlPlaneMachinesReady", "ControlPlaneMachinesUpToDate", "RollingOut", "ScalingUp", "ScalingDown", "Updating"),
)
"""Conditions that follow how many replicas a user wants."""
BAD_WHEN_TRUE = ("Paused", "Deleting", "Remediating", "Progressing")
BAD_WHEN_FALSE = ("HealthCheckSucceeded", "OwnerRemediated", "ExternallyRemediated")
"""Conditions that a health check sets before the server of a Machine is given up; without one there are none."""


def paused(before: Version, version: Version) -> list[str]:
    """By what an object is paused that it was not before: an annotation, or its own spec where it is a Cluster."""
    by = ["its annotation"] if PAUSED in version.annotations and PAUSED not in before.annotations else []
    return by + (["its spec"] if version.get("kind") in ("Cluster", None) and version.get("spec", "paused") is True else [])


def unwell(before: Version, version: Version, *, newer: bool = False) -> list[str]:
    """Conditions that are worse than before, and errors that were not there.

    `newer`: another release of the controllers wrote this version, which may name its conditions otherwise, or have other ones. So may
    one whose release nobody knows, where a new name that holds stands for each that is gone.
    """
    old, new = conditions(before), conditions(version)
    holding, lost = ({name for name, state in one.items() if state.status == "True"} for one in (new, old))
    names = len(holding - old.keys()) >= len(lost - new.keys())
    renamed = is_renamed(before, version) or (bool(holding) and (newer or names))
    found = []
    for kind, state in old.items():
        now = new[kind].status if kind in new else "absent"
        if now == "absent" and renamed:
            continue
        if kind not in FREE_CONDITIONS and state.status == "True" != now and kind not in BAD_WHEN_TRUE:
            found.append(f"its condition {kind} is {now}")
    for kind in BAD_WHEN_TRUE:
        if kind in new and new[kind].status == "True" and (kind not in old or old[kind].status != "True"):
            found.append(f"its condition {kind} is True")
    for kind in BAD_WHEN_FALSE:
        if kind in new and new[kind].status == "False" and (kind not in old or old[kind].status not in ("False", "True")):
            found.append(f"its condition {kind} is False")
    errors = [name for name in ERRORS if version.get("status", name) and not before.get("status", name)]
    return found + [f"{name} {version.get('status', name)}" for name in errors]


@remembered
def bound(version: Version) -> dict[str, Any]:
    """What its status says besides times, counts and errors: member path -> value, lists as they are."""
    status = version.get("status")
    members = status.items() if isinstance(status, dict) else ()
    kept = {name: value for name, value in members if name not in UNBOUND}
    return dict(leaves(cleaned(kept)))


def leaves(value: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """The members of nested objects, with their paths."""
    for name, member in value.items():
        if isinstance(member, dict):
            yield from leaves(member, f"{path}{name}.")
        elif member not in (None, "", []):
            yield f"{path}{name}", member


def other(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """The paths whose values are others than before; lists grow again, and what is not ready yet may be so later."""
    return [path for path, value in new.items() if path in old and not isinstance(value, bool | list) and value != old[path]]


def lacking(before: Version, version: Version) -> list[str]:
    """The paths whose values are missing, or not ready any more, in this version; in another API version members have other names."""
    old, new = bound(before), bound(version)
    renamed = is_renamed(before, version)
    return [f"status.{path}" for path, value in old.items() if not holds(value, new.get(path), renamed=renamed)]


def is_renamed(before: Version, version: Version) -> bool:
    """May members and conditions have other names, because the two are of different versions of the API?"""
    return bool(before.get("apiVersion") != version.get("apiVersion"))


def holds(old: Any, new: Any, *, renamed: bool) -> bool:
    """Is what there was still there? What a list has gained does not matter; that a text is another one is told elsewhere."""
    if new is None:
        return renamed or old is False
    if isinstance(old, list):
        return isinstance(new, list) and all(item in new for item in old)
    return not isinstance(old, bool) or new is old or old is False
