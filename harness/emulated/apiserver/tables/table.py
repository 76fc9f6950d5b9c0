"""`kubectl get`: objects as rows of a meta.k8s.io/v1 Table."""

import re
from collections.abc import Callable
from typing import Any

from harness.emulated.apiserver.builtin.workload_rules import TEMPLATES
from harness.emulated.apiserver.kinds.errors import Json, shown
from harness.emulated.apiserver.kinds.registry import ServedResource
from harness.emulated.apiserver.tables.printer_columns import CELLS, since
from harness.emulated.apiserver.wire.negotiation import ResponseFormat

_NAME_HELP = (
    "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to "
    "request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and "
    "configuration definition. Cannot be updated. More info: "
    "https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names"
)
_NAME: Json = {"name": "Name", "type": "string", "format": "name", "description": _NAME_HELP, "priority": 0}
_AGE: Json = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}
_FILTER = re.compile(r"""^\?\(@\.([\w./-]+)\s*==\s*["']([^"']*)["']\)$""")
_STEP = re.compile(r"""\.([\w/-]+(?:\\\.[\w/-]+)*)|\[['"]([^'"]+)['"]\]|\[(\?\([^)]*\)|\d+|\*)\]""")


def table(resource: ServedResource, bodies: list[Json], metadata: Json, form: ResponseFormat, *, columns: bool = True) -> Json:
    """The Table of these objects; rows bear their metadata, the object or nothing, as the client asked."""
    columned = (resource.columns or (_AGE,)) if resource.custom else resource.columns
    made: Json = {"kind": "Table", "apiVersion": f"meta.k8s.io/{form.meta}", "metadata": metadata}
    definitions = (
        [_NAME, *(_definition(column) for column in columned)] if resource.custom else [_described(each) for each in columned]
    )
    made["columnDefinitions"] = definitions if columns else None
    row = _custom_row if resource.custom else _builtin_row(resource)
    rows = [{"cells": row(body, columned)} | _ended(resource, body) | {"object": _borne(body, form)} for body in bodies]
    return made | {"rows": rows}


_ENDED = {"Succeeded": "The pod has completed successfully.", "Failed": "The pod failed."}


def _ended(resource: ServedResource, body: Json) -> Json:
    """The mark of a Pod that has run."""
    phase = (body.get("status") or {}).get("phase") if resource.kind == "Pod" else None
    if phase not in _ENDED:
        return {}
    return {"conditions": [{"type": "Completed", "status": "True", "reason": phase, "message": _ENDED[phase]}]}


def _borne(body: Json, form: ResponseFormat) -> Json | None:
    if form.include == "None":
        return None
    if form.include == "Object":
        return body
    metadata = dict(body["metadata"])
    if TEMPLATES in (annotations := metadata.get("annotations") or {}):
        # Upstream adds it to a DaemonSet on the way out, which a table's rows do not take.
        metadata["annotations"] = {key: value for key, value in annotations.items() if key != TEMPLATES}
        metadata = {key: value for key, value in metadata.items() if key != "annotations" or value}
    return {"kind": "PartialObjectMetadata", "apiVersion": f"meta.k8s.io/{form.meta}", "metadata": metadata}


def _described(column: Json) -> Json:
    return {**column, "description": _NAME_HELP if column["format"] == "name" else ""}


def _definition(column: Json) -> Json:
    return {
        "name": column["name"],
        "type": column["type"],
        "format": column.get("format", ""),
        "description": column.get("description")
        or f"Custom resource definition column (in JSONPath format): {column['jsonPath']}",
        "priority": column.get("priority", 0),
    }


Row = Callable[[Json, tuple[Json, ...]], list[Any]]


def _builtin_row(resource: ServedResource) -> Row:
    """The cells of a kind, by name; one that nobody here makes is unknown."""
    cells = {"Name": _name, "Age": _age, "Created At": _created} | CELLS.get(resource.kind, {})
    return lambda body, columns: [cells.get(column["name"], _unknown)(body) for column in columns]


def _name(body: Json) -> Any:
    return body["metadata"]["name"]


def _age(body: Json) -> Any:
    return since(body["metadata"].get("creationTimestamp"))


def _created(body: Json) -> Any:
    return body["metadata"].get("creationTimestamp")


def _unknown(_: Json) -> Any:
    return "<unknown>"


def _custom_row(body: Json, columns: tuple[Json, ...]) -> list[Any]:
    return [_name(body), *(_cell(body, column) for column in columns)]


_FITS: dict[str, tuple[type, ...]] = {"integer": (int,), "number": (int, float), "boolean": (bool,)}


def _cell(body: Json, column: Json) -> Any:
    value = at(body, column["jsonPath"])
    if value is None:
        return None
    if column["type"] == "date":
        return since(value)
    if column["type"] == "string":
        return value if isinstance(value, str) else shown(value)
    return value if isinstance(value, _FITS.get(column["type"], ())) else None


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
