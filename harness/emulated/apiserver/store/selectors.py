"""Label and field selectors of lists and watches."""

import re
from dataclasses import dataclass
from typing import Any

from harness.emulated.apiserver.kinds.errors import bad_request, shown
from harness.emulated.apiserver.kinds.label_selectors import Requirement, label_requirements
from harness.emulated.apiserver.kinds.registry import Json, ServedResource
from harness.emulated.apiserver.store.store import Stored

_EQUALITY = re.compile(r"(.*?)(!=|==|=)(.*)", re.DOTALL)
_TERM = re.compile(r"((?:\\.|[^,\\]|\\$)*),?", re.DOTALL)
_ESCAPED = re.compile(r"\\([\\,=])")
_FIELDS: dict[str, tuple[str, ...]] = {
    "secrets": ("type",),
    "pods": (
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase",
        "status.podIP", "status.podIPs", "status.nominatedNodeName",
    ),
    "nodes": ("spec.unschedulable",),
    "namespaces": ("status.phase",),
    "events": (
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
        "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Selection:
    """What a list or watch asks for within a table."""

    namespace: str
    labels: tuple[Requirement, ...] = ()
    fields: tuple[tuple[str, bool, str], ...] = ()

    def matches(self, stored: Stored) -> bool:
        """Whether the object is asked for."""
        if self.namespace and stored.key[0] != self.namespace:
            return False
        return all(holds(stored.labels) for holds in self.labels) and (not self.fields or self._fields_match(stored))

    def _fields_match(self, stored: Stored) -> bool:
        quick = {"metadata.name": stored.key[1], "metadata.namespace": stored.key[0]}
        body = stored.read() if any(path not in quick for path, _, _ in self.fields) else {}
        return all((quick.get(path, text_at(body, path)) == value) is wanted for path, wanted, value in self.fields)


_ABSENT = {"spec.hostNetwork": "false", "spec.unschedulable": "false"}


def text_at(body: Json, path: str) -> str:
    """The value at a dotted path as a field selector compares it; an absent one is its type's nothing."""
    value: Any = body
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return _ABSENT.get(path, "") if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def select(resource: ServedResource, namespace: str, labels: str, fields: str) -> Selection:
    """The selection of a request; raises ApiError 400 when a selector cannot be read."""
    return Selection(namespace, label_requirements(labels), field_requirements(resource, fields))


def field_requirements(resource: ServedResource, text: str) -> tuple[tuple[str, bool, str], ...]:
    """`metadata.name=x,type!=y` as (path, wanted, value)."""
    parts = sorted(part for part in _TERM.findall(text) if part)
    return tuple(_field_requirement(resource, *found) for found in [_split(text, part) for part in parts])


def _split(text: str, part: str) -> tuple[str, str, str]:
    if not (found := _EQUALITY.fullmatch(part)):
        raise bad_request(f"invalid selector: '{text}'; can't understand '{part}'")
    path, operator, value = found.groups()
    return path, operator, _ESCAPED.sub(r"\1", value)


def _field_requirement(resource: ServedResource, path: str, operator: str, value: str) -> tuple[str, bool, str]:
    path = path.replace("regarding.", "involvedObject.") if resource.group == "events.k8s.io" else path
    own = resource.selectable if resource.custom else _FIELDS.get(resource.plural, ())
    placed = resource.namespaced or not (resource.custom or own)
    known = ("metadata.name", *(("metadata.namespace",) if placed else ()), *own)
    if path not in known:
        raise bad_request(_unknown(resource, path, known))
    return path, operator != "!=", value


def _unknown(resource: ServedResource, path: str, known: tuple[str, ...]) -> str:
    if resource.custom or resource.plural in _FIELDS:
        return f"field label not supported: {path}"
    return f'"{path}" is not a known field selector: only {", ".join(shown(each) for each in known)}'
