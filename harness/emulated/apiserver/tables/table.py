"""`kubectl get`: objects as rows of a meta.k8s.io/v1 Table."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from harness.emulated.apiserver.kinds.errors import Json, shown
from harness.emulated.apiserver.kinds.registry import ServedResource
from harness.emulated.apiserver.tables.human_duration import HumanDuration
from harness.emulated.apiserver.tables.printer_columns import CELLS
from harness.emulated.apiserver.wire.negotiation import ResponseFormat

_NAME_HELP = "The name of the object."
_NAME: Json = {"name": "Name", "type": "string", "format": "name", "description": _NAME_HELP, "priority": 0}
_AGE: Json = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}
_FILTER = re.compile(r"""^\?\(@\.([\w./-]+)\s*==\s*["']([^"']*)["']\)$""")
_STEP = re.compile(r"""\.([\w/-]+(?:\\\.[\w/-]+)*)|\[['"]([^'"]+)['"]\]|\[(\?\([^)]*\)|\d+|\*)\]""")


def table(resource: ServedResource, bodies: list[Json], metadata: Json, form: ResponseFormat, now: datetime) -> Json:
    """The Table of these objects, their ages as of `now`; rows carry their metadata, the object or nothing, as the client asked."""
    columns = _custom_columns(resource) if resource.custom else _builtin_columns(resource)
    cell = _cell if resource.custom else _builtin_cell(resource)
    made: Json = {"kind": "Table", "apiVersion": f"meta.k8s.io/{form.meta}", "metadata": metadata}
    made["columnDefinitions"] = [_definition(column) for column in columns]
    rows = [
        {"cells": [_told(cell(body, column), now) for column in columns]}
        | _ended(resource, body)
        | {"object": _borne(body, form)}
        for body in bodies
    ]
    return made | {"rows": rows}


def _told(cell: Any, now: datetime) -> Any:
    return cell.told(now) if isinstance(cell, HumanDuration) else cell


def _custom_columns(resource: ServedResource) -> tuple[Json, ...]:
    return (_NAME, *(resource.columns or (_AGE,)))


def _builtin_columns(resource: ServedResource) -> tuple[Json, ...]:
    """The columns that have a cell function here: for most kinds only name and age."""
    known = {"Name", "Age", *CELLS.get(resource.kind, ())}
    return tuple(column for column in resource.columns if column["name"] in known)


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
    return {"kind": "PartialObjectMetadata", "apiVersion": f"meta.k8s.io/{form.meta}", "metadata": body["metadata"]}


def _definition(column: Json) -> Json:
    path = column.get("jsonPath")
    return {
        "name": column["name"],
        "type": column["type"],
        "format": column.get("format", ""),
        "description": column.get("description") or (f"The value at {path}." if path else ""),
        "priority": column.get("priority", 0),
    }


ColumnCell = Callable[[Json, Json], Any]


def _builtin_cell(resource: ServedResource) -> ColumnCell:
    cells = {"Name": _name, "Age": _age} | CELLS.get(resource.kind, {})
    return lambda body, column: cells[column["name"]](body)


def _name(body: Json) -> Any:
    return body["metadata"]["name"]


def _age(body: Json) -> Any:
    return HumanDuration(body["metadata"].get("creationTimestamp"))


_FITS: dict[str, tuple[type, ...]] = {"integer": (int,), "number": (int, float), "boolean": (bool,)}


def _cell(body: Json, column: Json) -> Any:
    if column is _NAME:
        return _name(body)
    value = at(body, column["jsonPath"])
    if value is None:
        return None
    if column["type"] == "date":
        return HumanDuration(value)
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
