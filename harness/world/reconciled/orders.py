"""What a host's history tells of operations on it, and what its annotations order."""

from typing import Any

from harness.metal3 import DETACHED, INSPECT, REBOOT
from harness.world.hosts import Host
from harness.world.world import Version, dig

KEPT_OPERATIONS = ("inspect", "provision", "deprovision")
"""What a healthy pivot leaves alone of a host's operation history; only `register` is renewed."""

NO_OPERATION = "none"
BY_ANNOTATION = (REBOOT, INSPECT, DETACHED)


def operation_history(version: Version) -> dict[str, str] | None:
    """operation -> `start..end`, nulls and absence alike; None where the version has no history at all."""
    operations = version.get("status", "operationHistory")
    if not operations or not version.alive:
        return None
    return {name: _span_text(dig(operations, name) or {}) for name in KEPT_OPERATIONS}


def new_orders(host: Host, version: Version) -> list[str]:
    """The reboots, inspections and detachments that this version orders by its annotations, and the baseline did not."""
    return [name for name in orders(version) if name not in orders(host.baseline)]


def orders(version: Version) -> list[str]:
    """The annotations that order such a thing. That nothing shall be inspected is no order; that it shall is one again."""
    return [
        name
        for name, said in version.annotations.items()
        if name.startswith(BY_ANNOTATION) and (name, said) != (INSPECT, "disabled")
    ]


def _span_text(operation: Any) -> str:
    """One operation's times as text, or that there was none."""
    start, end = (dig(operation, name) for name in ("start", "end"))
    return f"{start or '-'}..{end or '-'}" if start or end else NO_OPERATION
