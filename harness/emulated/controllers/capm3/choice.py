"""Which host CAPM3 takes for a new Metal3Machine. Pure but for the dice.

Upstream: `chooseHost` of CAPM3 1.14; the reuse of nodes and failure domains are left out.
"""

import random
from collections.abc import Iterable

from harness.emulated.controllers.objects import is_deleted
from harness.emulated.kube.client import Json

SHUNNED = ("baremetalhost.metal3.io/paused", "capi.metal3.io/unhealthy")
"""A host with one of these annotations is taken by nobody."""
FREE_STATES = ("ready", "available")


def choose(hosts: Iterable[Json], machine: Json, dice: random.Random) -> Json | None:
    """The host that names this machine as its consumer already, else any free one that its selector fits; None where there is none."""
    fitting = [host for host in hosts if _fits(machine["spec"].get("hostSelector") or {}, host["metadata"].get("labels") or {})]
    for host in fitting:
        if is_consumer(host, machine):
            return host
    free = [host for host in fitting if _is_free(host)]
    return dice.choice(free) if free else None


def is_consumer(host: Json, machine: Json) -> bool:
    """Does the host's `consumerRef` name this Metal3Machine?"""
    consumer, meta = host["spec"].get("consumerRef") or {}, machine["metadata"]
    named = (consumer.get("kind"), consumer.get("namespace"), consumer.get("name"))
    return named == ("Metal3Machine", meta["namespace"], meta["name"])


def _is_free(host: Json) -> bool:
    status = host.get("status") or {}
    if host["spec"].get("consumerRef") or is_deleted(host) or status.get("errorMessage"):
        return False
    if any(annotation in (host["metadata"].get("annotations") or {}) for annotation in SHUNNED):
        return False
    return status.get("provisioning", {}).get("state") in FREE_STATES


def _fits(selector: Json, labels: Json) -> bool:
    wanted = (selector.get("matchLabels") or {}).items()
    expressions = selector.get("matchExpressions") or []
    return all(labels.get(key) == value for key, value in wanted) and all(_holds(each, labels) for each in expressions)


def _holds(expression: Json, labels: Json) -> bool:
    """One of `matchExpressions`; an operator that is none holds for no host, as upstream then chooses none."""
    value, values = labels.get(expression["key"]), expression.get("values") or []
    match str(expression.get("operator", "")).lower():
        case "in" | "=" | "==":
            return value in values
        case "notin" | "!=":
            return value not in values
        case "exists":
            return value is not None
        case "!" | "doesnotexist":
            return value is None
        case "gt" | "lt" as operator:
            return _is_beyond(operator, value, values)
    return False


def _is_beyond(operator: str, value: str | None, values: list[str]) -> bool:
    try:
        number, limit = int(value or ""), int(values[0])
    except (ValueError, IndexError):
        return False
    return number > limit if operator == "gt" else number < limit
