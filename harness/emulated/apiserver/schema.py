"""Custom resources against their structural schema: unknown fields pruned, defaults filled in, the rest checked."""

import copy
from dataclasses import dataclass, field
from typing import Any

from harness.emulated.apiserver.constraints import problems_here
from harness.emulated.apiserver.errors import bad_request, invalid
from harness.emulated.apiserver.kinds import Json, Resource

_MISSING = object()
_ALWAYS = frozenset({"apiVersion", "kind", "metadata"})
_PRESERVE, _EMBEDDED = "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"


@dataclass
class Findings:
    """What a walk came across: unknown fields (already pruned) and broken constraints."""

    unknown: list[str] = field(default_factory=list)
    causes: list[Json] = field(default_factory=list)


def settle(resource: Resource, body: Json, live: Json | None, validation: str, warnings: list[str]) -> None:
    """Bring a custom resource into the form its schema wants; `live` is what it was.

    What has not changed since `live` is not looked at again: it was settled then, and an old fault does not stop another
    change. Unknown fields are an ApiError 400 under `Strict`, a warning under `Warn`; broken constraints an ApiError 422.
    """
    found = Findings()
    _walk(resource.schema, body, live or _MISSING, "", found)
    if found.unknown and validation == "Strict":
        said = ", ".join(f'unknown field "{path}"' for path in found.unknown)
        kind, version = resource.kind, resource.version
        raise bad_request(f'{kind} in version "{version}" cannot be handled as a {kind}: strict decoding error: {said}')
    if validation == "Warn":
        warnings.extend(f'unknown field "{path}"' for path in found.unknown)
    if found.causes:
        raise invalid(resource.kind, resource.group, body["metadata"].get("name", ""), found.causes)


def _walk(schema: Json, value: Any, old: Any, path: str, found: Findings) -> None:
    if old is not _MISSING and old == value:
        return
    if isinstance(value, dict):
        _walk_object(schema, value, old, path, found)
    elif isinstance(value, list):
        items = schema.get("items") or {}
        for index, item in enumerate(value):
            same = old[index] if isinstance(old, list) and index < len(old) else _MISSING
            _walk(items, item, same, f"{path}[{index}]", found)
    found.causes.extend(problems_here(schema, value, path))


def _walk_object(schema: Json, value: Json, old: Any, path: str, found: Findings) -> None:
    properties: Json = schema.get("properties") or {}
    more = schema.get("additionalProperties")
    kept = _ALWAYS if not path or schema.get(_EMBEDDED) else frozenset[str]()
    if not schema.get(_PRESERVE) and more is None:
        _prune(value, properties, kept, path, found)
    _default(properties, value)
    for name in list(value):
        member = properties.get(name) or (more if isinstance(more, dict) else None)
        if member is None or name in kept:
            continue
        same = old.get(name, _MISSING) if isinstance(old, dict) else _MISSING
        _walk(member, value[name], same, f"{path}.{name}" if path else name, found)


def _prune(value: Json, properties: Json, kept: frozenset[str], path: str, found: Findings) -> None:
    for name in [name for name in value if name not in properties and name not in kept]:
        del value[name]
        found.unknown.append(f"{path}.{name}" if path else name)


def _default(properties: Json, value: Json) -> None:
    for name, member in properties.items():
        if name in value and value[name] is None and not member.get("nullable"):
            del value[name]
        if "default" in member and name not in value:
            value[name] = copy.deepcopy(member["default"])
