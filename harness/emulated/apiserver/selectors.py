"""Label and field selectors of lists and watches."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness.emulated.apiserver.errors import bad_request
from harness.emulated.apiserver.kinds import Json, Resource
from harness.emulated.apiserver.store import Stored

Labels = dict[str, str]
Requirement = Callable[[Labels], bool]

_SET = re.compile(r"^(\S+)\s+(in|notin)\s*\(([^)]*)\)$")
_EQUALITY = re.compile(r"^([^=!<>\s]+)\s*(==|!=|=|>|<)\s*(\S*)$")
_NAME = re.compile(r"^(!?)\s*([\w./-]+)$")
_TOP_LEVEL_COMMA = re.compile(r",(?![^(]*\))")
_FIELDS: dict[str, tuple[str, ...]] = {
    "secrets": ("type",),
    "pods": ("spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", "status.phase", "status.podIP"),
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


def text_at(body: Json, path: str) -> str:
    """The value at a dotted path as a field selector compares it; an absent one is empty."""
    value: Any = body
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def select(resource: Resource, namespace: str, labels: str, fields: str) -> Selection:
    """The selection of a request; raises ApiError 400 when a selector cannot be read."""
    return Selection(namespace, label_requirements(labels), field_requirements(resource, fields))


def label_requirements(text: str) -> tuple[Requirement, ...]:
    """`a=b,c!=d,e in (x,y),!f` as predicates over labels."""
    return tuple(_requirement(part.strip()) for part in _TOP_LEVEL_COMMA.split(text) if part.strip())


def _requirement(part: str) -> Requirement:
    if found := _SET.match(part):
        key, operator, values = found.groups()
        return _member(key, {value.strip() for value in values.split(",")}, wanted=operator == "in")
    if found := _EQUALITY.match(part):
        return _comparison(*found.groups())
    if found := _NAME.match(part):
        absent, key = found.groups()
        return lambda labels: (key in labels) is not bool(absent)
    raise bad_request(f'unable to parse requirement: found "{part}", expected an operator')


def _member(key: str, values: set[str], *, wanted: bool) -> Requirement:
    return lambda labels: (labels.get(key) in values) is wanted


def _comparison(key: str, operator: str, value: str) -> Requirement:
    if operator in {"=", "=="}:
        return lambda labels: labels.get(key) == value
    if operator == "!=":
        return lambda labels: labels.get(key) != value
    limit, sign = _whole(value), 1 if operator == ">" else -1
    return lambda labels: key in labels and labels[key].lstrip("-").isdigit() and sign * int(labels[key]) > sign * limit


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise bad_request(f'for "Gt", "Lt" operators, the value must be an integer: "{text}"') from None


def field_requirements(resource: Resource, text: str) -> tuple[tuple[str, bool, str], ...]:
    """`metadata.name=x,type!=y` as (path, wanted, value)."""
    return tuple(_field_requirement(resource, part.strip()) for part in text.split(",") if part.strip())


def _field_requirement(resource: Resource, part: str) -> tuple[str, bool, str]:
    if not (found := _EQUALITY.match(part)) or found[2] in {"<", ">"}:
        raise bad_request(f"invalid selector: '{part}'; can't understand '{part}'")
    path, operator, value = found.groups()
    known = ("metadata.name", "metadata.namespace", *(() if resource.custom else _FIELDS.get(resource.plural, ())))
    if path not in known:
        raise bad_request(f"field label not supported: {path}")
    return path, operator != "!=", value
