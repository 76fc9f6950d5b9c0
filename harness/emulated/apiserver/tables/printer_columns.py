"""The cells of built-in kinds in a table, by kind and by the name of their column."""

from collections.abc import Callable
from typing import Any

from harness.emulated.apiserver.kinds.errors import Json
from harness.emulated.apiserver.tables.human_duration import HumanDuration
from harness.emulated.apiserver.tables.more_printer_columns import MORE_CELLS

Cell = Callable[[Json], Any]
NONE, UNKNOWN = "<none>", "<unknown>"


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


def _labels(selector: Json | None) -> str:
    found = (selector or {}).get("matchLabels", selector) or {}
    return ",".join(f"{key}={value}" for key, value in sorted(found.items())) or NONE


def _containers(key: str) -> Cell:
    return lambda body: ",".join(each.get(key, "") for each in body["spec"]["template"]["spec"].get("containers") or ())


def _template_cells(selector: bool = True) -> dict[str, Cell]:
    found: dict[str, Cell] = {"Containers": _containers("name"), "Images": _containers("image")}
    return found | ({"Selector": lambda body: _labels(body["spec"].get("selector"))} if selector else {})


def _of(ready: str, wanted: str) -> Cell:
    return lambda body: f"{_status(body).get(ready, 0)}/{body['spec'].get(wanted, 0)}"


def _pod_ready(body: Json) -> str:
    states = _status(body).get("containerStatuses") or ()
    lasting = sum(each.get("restartPolicy") == "Always" for each in body["spec"].get("initContainers") or ())
    return f"{sum(bool(each.get('ready')) for each in states)}/{len(body['spec'].get('containers') or ()) + lasting}"


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
    prefix = "node-role.kubernetes.io/"
    labels = body["metadata"].get("labels") or {}
    found = {key.removeprefix(prefix) for key in labels if key.startswith(prefix)} | {labels.get("kubernetes.io/role", "")}
    return ",".join(sorted(found - {""})) or NONE


def _address(kind: str) -> Cell:
    return lambda body: next((each["address"] for each in _status(body).get("addresses") or () if each["type"] == kind), NONE)


def _ports(body: Json) -> str:
    return ",".join(f"{each['port']}/{each.get('protocol', 'TCP')}" for each in body["spec"].get("ports") or ()) or NONE


def _external(body: Json) -> str:
    """Where a Service is reached from outside."""
    spec, given = body["spec"], (_status(body).get("loadBalancer") or {}).get("ingress") or ()
    if spec.get("type") == "ExternalName":
        return str(spec.get("externalName") or NONE)
    addresses = [each.get("ip") or each.get("hostname") or "" for each in given] + (spec.get("externalIPs") or [])
    if spec.get("type") == "LoadBalancer":
        return ",".join(addresses) or "<pending>"
    return ",".join(spec.get("externalIPs") or ()) or NONE


def _involved(body: Json) -> str:
    involved = body.get("involvedObject") or body.get("regarding") or {}
    return f"{involved.get('kind', '').lower()}/{involved.get('name', '')}"


def _subjects(kind: str) -> Cell:
    def cell(body: Json) -> str:
        chosen = [each for each in body.get("subjects") or () if each["kind"] == kind]
        return ", ".join(
            f"{each.get('namespace', '')}/{each['name']}" if kind == "ServiceAccount" else each["name"] for each in chosen
        )

    return cell


_BINDING: dict[str, Cell] = {
    "Role": lambda body: f"{body['roleRef']['kind']}/{body['roleRef']['name']}",
    **{
        column: _subjects(kind)
        for column, kind in (("Users", "User"), ("Groups", "Group"), ("ServiceAccounts", "ServiceAccount"))
    },
}
_EVENT: dict[str, Cell] = {
    "Last Seen": lambda body: HumanDuration(
        body.get("lastTimestamp") or body.get("eventTime") or body.get("deprecatedLastTimestamp")
    ),
    "First Seen": lambda body: HumanDuration(
        body.get("firstTimestamp") or body.get("eventTime") or body.get("deprecatedFirstTimestamp")
    ),
    "Type": _at("type"),
    "Reason": _at("reason"),
    "Object": _involved,
    "Subobject": _at("involvedObject", "fieldPath"),
    "Source": _at("source", "component"),
    "Message": lambda body: (body.get("message") or body.get("note") or "").strip(),
    "Count": lambda body: body.get("count") or body.get("deprecatedCount") or 1,
}
_REPLICAS: dict[str, Cell] = {
    "Desired": _at("spec", "replicas", absent=0),
    "Current": _at("status", "replicas", absent=0),
    "Ready": _at("status", "readyReplicas", absent=0),
}
CELLS: dict[str, dict[str, Cell]] = MORE_CELLS | {
    "Namespace": {"Status": _at("status", "phase")},
    "Secret": {"Type": _at("type"), "Data": _count("data")},
    "ConfigMap": {"Data": _count("data", "binaryData")},
    "Lease": {"Holder": _at("spec", "holderIdentity")},
    "Event": _EVENT,
    "RoleBinding": _BINDING,
    "ClusterRoleBinding": _BINDING,
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
    "Service": {
        "Type": _at("spec", "type"),
        "Cluster-IP": _at("spec", "clusterIP", absent=NONE),
        "Port(s)": _ports,
        "External-IP": _external,
        "Selector": lambda body: _labels(body["spec"].get("selector")),
    },
    "Deployment": {
        "Ready": _of("readyReplicas", "replicas"),
        "Up-to-date": _at("status", "updatedReplicas", absent=0),
        "Available": _at("status", "availableReplicas", absent=0),
        **_template_cells(),
    },
    "StatefulSet": {"Ready": _of("readyReplicas", "replicas"), **_template_cells(selector=False)},
    "ReplicaSet": _REPLICAS | _template_cells(),
    "DaemonSet": {
        "Desired": _at("status", "desiredNumberScheduled", absent=0),
        "Current": _at("status", "currentNumberScheduled", absent=0),
        "Ready": _at("status", "numberReady", absent=0),
        "Up-to-date": _at("status", "updatedNumberScheduled", absent=0),
        "Available": _at("status", "numberAvailable", absent=0),
        "Node Selector": lambda body: _labels(body["spec"]["template"]["spec"].get("nodeSelector")),
        **_template_cells(),
    },
    "ValidatingWebhookConfiguration": {"Webhooks": _count("webhooks")},
    "MutatingWebhookConfiguration": {"Webhooks": _count("webhooks")},
}
