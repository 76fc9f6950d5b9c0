"""`kubectl get`: objects as rows of a meta.k8s.io/v1 Table."""

import re
from datetime import UTC, datetime
from typing import Any

from harness.emulated.apiserver.kinds import Json, Resource

_NAME_HELP = (
    "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to "
    "request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and "
    "configuration definition. Cannot be updated. More info: "
    "https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names"
)
_NAME: Json = {"name": "Name", "type": "string", "format": "name", "description": _NAME_HELP, "priority": 0}
_AGE: Json = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}
_BUILTIN: dict[str, tuple[Json, ...]] = {
    "Namespace": ({"name": "Status", "type": "string", "jsonPath": ".status.phase"}, _AGE),
    "Secret": (
        {"name": "Type", "type": "string", "jsonPath": ".type"},
        {"name": "Data", "type": "count", "jsonPath": ".data"},
        _AGE,
    ),
    "ConfigMap": ({"name": "Data", "type": "count", "jsonPath": ".data"}, _AGE),
    "Pod": ({"name": "Status", "type": "string", "jsonPath": ".status.phase"}, _AGE),
    "Lease": ({"name": "Holder", "type": "string", "jsonPath": ".spec.holderIdentity"}, _AGE),
    "Deployment": (
        {"name": "Ready", "type": "ready", "jsonPath": ""},
        {"name": "Up-to-date", "type": "integer", "jsonPath": ".status.updatedReplicas"},
        {"name": "Available", "type": "integer", "jsonPath": ".status.availableReplicas"},
        _AGE,
    ),
    "Node": (
        {"name": "Status", "type": "node", "jsonPath": ""},
        _AGE,
        {"name": "Version", "type": "string", "jsonPath": ".status.nodeInfo.kubeletVersion"},
    ),
    "Event": (
        {"name": "Last Seen", "type": "date", "jsonPath": ".lastTimestamp"},
        {"name": "Type", "type": "string", "jsonPath": ".type"},
        {"name": "Reason", "type": "string", "jsonPath": ".reason"},
        {"name": "Object", "type": "involved", "jsonPath": ""},
        {"name": "Message", "type": "string", "jsonPath": ".message"},
    ),
    "CustomResourceDefinition": ({"name": "Created At", "type": "string", "jsonPath": ".metadata.creationTimestamp"},),
}
_FILTER = re.compile(r"""^\?\(@\.([\w./-]+)\s*==\s*["']([^"']*)["']\)$""")
_STEP = re.compile(r"""\.([\w-]+(?:\\\.[\w-]+)*)|\[['"]([^'"]+)['"]\]|\[(\?\([^)]*\)|\d+|\*)\]""")


def table(resource: Resource, bodies: list[Json], metadata: Json, *, columns: bool = True) -> Json:
    """The Table of these objects; rows bear their metadata, as a client that sends no includeObject is given."""
    shown = resource.columns or _BUILTIN.get(resource.kind, (_AGE,))
    made: Json = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata}
    made["columnDefinitions"] = [_NAME, *(_definition(column) for column in shown)] if columns else None
    return made | {"rows": [_row(body, shown) for body in bodies]}


def _definition(column: Json) -> Json:
    kind = column["type"] if column["type"] in {"string", "integer", "number", "boolean", "date"} else "string"
    return {
        "name": column["name"],
        "type": "string" if kind == "date" else kind,
        "format": column.get("format", ""),
        "description": column.get("description")
        or f"Custom resource definition column (in JSONPath format): {column['jsonPath']}",
        "priority": column.get("priority", 0),
    }


def _row(body: Json, shown: tuple[Json, ...]) -> Json:
    cells = [body["metadata"]["name"], *(_cell(body, column) for column in shown)]
    partial = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": body["metadata"]}
    return {"cells": cells, "object": partial}


def _cell(body: Json, column: Json) -> Any:
    if special := _SPECIAL.get(column["type"]):
        return special(body)
    value = at(body, column["jsonPath"])
    if column["type"] == "count":
        return len(value or {})
    if column["type"] == "date":
        return "<unknown>" if not value else _since(value)
    return value


def _ready(body: Json) -> str:
    return f"{(body.get('status') or {}).get('readyReplicas', 0)}/{body.get('spec', {}).get('replicas', 0)}"


def _node(body: Json) -> str:
    conditions = (body.get("status") or {}).get("conditions") or []
    ready = next((each["status"] for each in conditions if each["type"] == "Ready"), "Unknown")
    return {"True": "Ready", "False": "NotReady"}.get(ready, "Unknown")


def _involved(body: Json) -> str:
    involved = body.get("involvedObject") or body.get("regarding") or {}
    return f"{involved.get('kind', '').lower()}/{involved.get('name', '')}"


_SPECIAL = {"ready": _ready, "node": _node, "involved": _involved}


def at(body: Any, path: str) -> Any:
    """The value at a JSON path of a printer column: members, indices and `[?(@.x=="y")]`; None where there is none."""
    value = body
    for member, quoted, index in _STEP.findall(path if path.startswith((".", "[")) else f".{path}"):
        value = _at_index(value, index) if index else _at_member(value, (member or quoted).replace("\\.", "."))
    return value


def _at_member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _at_index(value: Any, index: str) -> Any:
    if not isinstance(value, list):
        return None
    if found := _FILTER.match(index):
        path, wanted = found.groups()
        return next((each for each in value if str(at(each, f".{path}")) == wanted), None)
    if index == "*":
        return value[0] if value else None
    return value[int(index)] if int(index) < len(value) else None


_UNITS = ((365 * 86400, "y"), (86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def _since(timestamp: str) -> str:
    """Age in the shortest of kubectl's forms."""
    try:
        seconds = int((datetime.now(UTC) - datetime.fromisoformat(timestamp)).total_seconds())
    except (ValueError, TypeError):
        return "<invalid>"
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= 2 * size), (1, "s"))
    return f"{max(seconds, 0) // size}{unit}"
