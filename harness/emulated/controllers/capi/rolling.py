"""How a MachineDeployment replaces the Machines of its old MachineSets by those of the new one. Pure.

Upstream: its strategy is RollingUpdate with `maxSurge` and `maxUnavailable`, numbers or shares; Machines on their way out still count
until they are gone, so that a surge of none makes the next Machine only when the one before it has ended.
"""

import math
from typing import Any

from harness.emulated.kube.client import Json


def limit(value: Any, wanted: int, *, up: bool) -> int:
    """A number, or a share of what is wanted, rounded up for a surge and down for what may be missing."""
    if not isinstance(value, str):
        return int(value)
    share = int(value.rstrip("%")) * wanted / 100
    return math.ceil(share) if up else math.floor(share)


def limits(deployment: Json) -> tuple[int, int]:
    """How many Machines more than wanted there may be, and how many available ones fewer."""
    wanted = deployment["spec"].get("replicas", 1)
    rolling = deployment["spec"].get("rollout", {}).get("strategy", {}).get("rollingUpdate", {})
    surge, missing = rolling.get("maxSurge", 1), rolling.get("maxUnavailable", 0)
    return limit(surge, wanted, up=True), limit(missing, wanted, up=False)


def is_current(deployment: Json, machine_set: Json) -> bool:
    """Does the MachineSet make the Machines that the deployment wants now?"""
    wanted, there = deployment["spec"]["template"]["spec"], machine_set["spec"]["template"]["spec"]
    return bool(wanted == there)


def counted(machine_set: Json) -> int:
    """The Machines of a set that count: those that it shall have, or those that it still has, where these are more."""
    wanted, there = machine_set["spec"].get("replicas", 0), machine_set.get("status", {}).get("replicas", 0)
    return int(max(wanted, there))


def new_size(deployment: Json, current: Json | None, old: list[Json]) -> int:
    """How many Machines the current set shall have now."""
    wanted, there = deployment["spec"].get("replicas", 1), current["spec"].get("replicas", 0) if current else 0
    if there >= wanted or not old:
        return int(wanted)
    room = wanted + limits(deployment)[0] - sum(counted(each) for each in [*old, *([current] if current else [])])
    return int(min(wanted, there + max(room, 0)))


def old_sizes(deployment: Json, current: Json, old: list[Json]) -> dict[str, int]:
    """How many Machines each old set shall have now, by its name; the first by name are scaled down first."""
    least = deployment["spec"].get("replicas", 1) - limits(deployment)[1]
    total = sum(each["spec"].get("replicas", 0) for each in [*old, current])
    unready = current["spec"].get("replicas", 0) - current.get("status", {}).get("availableReplicas", 0)
    room = max(total - least - max(unready, 0), 0)
    sizes: dict[str, int] = {}
    for each in sorted(old, key=lambda one: one["metadata"]["name"]):
        there = each["spec"].get("replicas", 0)
        taken = min(room, there)
        sizes[each["metadata"]["name"]] = there - taken
        room -= taken
    return sizes
