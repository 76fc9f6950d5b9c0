"""The cells of built-in kinds in a table, by kind and by the name of their column."""

from collections.abc import Callable
from typing import Any

from harness.emulated.apiserver.kinds.errors import Json
from harness.emulated.apiserver.tables.human_duration import HumanDuration

Cell = Callable[[Json], Any]
NONE, UNKNOWN = "<none>", "<unknown>"
ROLE_LABEL = "node-role.kubernetes.io/"


def _at(*path: str, absent: Any = "") -> Cell:
    def cell(body: Json) -> Any:
        value: Any = body
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        return absent if value in (None, "") else value

    return cell


def _count(*keys: str) -> Cell:
    return lambda body: sum(len(body.get(key) or ()) for key in keys)


def _status(body: Json) -> Json:
    found: Json = body.get("status") or {}
    return found


def _selector(body: Json) -> str:
    found = (body["spec"].get("selector") or {}).get("matchLabels") or {}
    return ",".join(f"{key}={value}" for key, value in sorted(found.items())) or NONE


def _containers(key: str) -> Cell:
    return lambda body: ",".join(each.get(key, "") for each in body["spec"]["template"]["spec"].get("containers") or ())


def _pod_ready(body: Json) -> str:
    states = _status(body).get("containerStatuses") or ()
    return f"{sum(bool(each.get('ready')) for each in states)}/{len(body['spec'].get('containers') or ())}"


def _pod_status(body: Json) -> str:
    """Why a Pod is not running, or its phase."""
    status = _status(body)
    said = str(status.get("reason") or status.get("phase", ""))
    for each in reversed(status.get("containerStatuses") or []):
        state = each.get("state") or {}
        if reason := (state.get("waiting") or state.get("terminated") or {}).get("reason"):
            said = str(reason)
    return "Terminating" if "deletionTimestamp" in body["metadata"] else said


def _restarts(body: Json) -> str:
    return str(sum(each.get("restartCount", 0) for each in _status(body).get("containerStatuses") or ()))


def _node_status(body: Json) -> str:
    ready = next((each["status"] for each in _status(body).get("conditions") or () if each["type"] == "Ready"), "Unknown")
    said = {"True": "Ready", "False": "NotReady"}.get(ready, "Unknown")
    return f"{said},SchedulingDisabled" if body["spec"].get("unschedulable") else said


def _roles(body: Json) -> str:
    labels = body["metadata"].get("labels") or {}
    found = {key.removeprefix(ROLE_LABEL) for key in labels if key.startswith(ROLE_LABEL)}
    return ",".join(sorted((found | {labels.get("kubernetes.io/role", "")}) - {""})) or NONE


def _address(kind: str) -> Cell:
    return lambda body: next((each["address"] for each in _status(body).get("addresses") or () if each["type"] == kind), NONE)


def _involved(body: Json) -> str:
    involved = body.get("involvedObject") or body.get("regarding") or {}
    return f"{involved.get('kind', '').lower()}/{involved.get('name', '')}"


def _seen(when: str) -> Cell:
    """The age of an Event's first or last occurrence, for both forms of Events."""
    keys = (f"{when}Timestamp", "eventTime", f"deprecated{when.capitalize()}Timestamp")
    return lambda body: HumanDuration(next((body[key] for key in keys if body.get(key)), None))


_CREATED: dict[str, Cell] = {"Created At": _at("metadata", "creationTimestamp")}
CELLS: dict[str, dict[str, Cell]] = {
    "Namespace": {"Status": _at("status", "phase")},
    "Secret": {"Type": _at("type"), "Data": _count("data")},
    "ConfigMap": {"Data": _count("data", "binaryData")},
    "ServiceAccount": {"Secrets": _count("secrets")},
    "Lease": {"Holder": _at("spec", "holderIdentity")},
    "CustomResourceDefinition": _CREATED,
    "ClusterRole": _CREATED,
    "Role": _CREATED,
    "ValidatingWebhookConfiguration": {"Webhooks": _count("webhooks")},
    "MutatingWebhookConfiguration": {"Webhooks": _count("webhooks")},
    "Event": {
        "Last Seen": _seen("last"),
        "First Seen": _seen("first"),
        "Type": _at("type"),
        "Reason": _at("reason"),
        "Object": _involved,
        "Subobject": _at("involvedObject", "fieldPath"),
        "Source": _at("source", "component"),
        "Message": lambda body: (body.get("message") or body.get("note") or "").strip(),
        "Count": lambda body: body.get("count") or body.get("deprecatedCount") or 1,
    },
    "Pod": {
        "Ready": _pod_ready,
        "Status": _pod_status,
        "Restarts": _restarts,
        "IP": _at("status", "podIP", absent=NONE),
        "Node": _at("spec", "nodeName", absent=NONE),
        "Nominated Node": _at("status", "nominatedNodeName", absent=NONE),
        "Readiness Gates": lambda _: NONE,
    },
    "Node": {
        "Status": _node_status,
        "Roles": _roles,
        "Version": _at("status", "nodeInfo", "kubeletVersion"),
        "Internal-IP": _address("InternalIP"),
        "External-IP": _address("ExternalIP"),
        "OS-Image": _at("status", "nodeInfo", "osImage", absent=UNKNOWN),
        "Kernel-Version": _at("status", "nodeInfo", "kernelVersion", absent=UNKNOWN),
        "Container-Runtime": _at("status", "nodeInfo", "containerRuntimeVersion", absent=UNKNOWN),
    },
    "Deployment": {
        "Ready": lambda body: f"{_status(body).get('readyReplicas', 0)}/{body['spec'].get('replicas', 0)}",
        "Up-to-date": _at("status", "updatedReplicas", absent=0),
        "Available": _at("status", "availableReplicas", absent=0),
        "Containers": _containers("name"),
        "Images": _containers("image"),
        "Selector": _selector,
    },
}
"""All other kinds show only name and age."""
