"""Custom resources against their structural schema: unknown fields pruned, defaults filled in, the rest checked."""

import copy
from typing import Any

from harness.emulated.apiserver.custom.cel_rules import BLOCKING, UNCHECKED, has_rules, rule_causes
from harness.emulated.apiserver.custom.constraints import problems_here
from harness.emulated.apiserver.kinds.decoding import UnmarshalTypeError, decoded
from harness.emulated.apiserver.kinds.errors import Json, shown
from harness.emulated.apiserver.kinds.types import OBJECT_META

_MISSING = object()
_ALWAYS = frozenset({"apiVersion", "kind", "metadata"})
_PRESERVE, _EMBEDDED = "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"


def settle(schema: Json, body: Json, live: Json | None, warnings: list[str]) -> list[Json]:
    """Fill in the defaults of a custom resource, and what is wrong with it; `live` is what it was.

    `warnings` are added to where a rule cannot be checked.

    What has not changed since `live` is not looked at again: it was settled then, and an old fault does not stop another change.
    """
    causes: list[Json] = []
    _walk(schema, body, live or _MISSING, "", causes)
    if not has_rules(schema):
        return causes
    if any(each["reason"] in BLOCKING for each in causes):
        return [*causes, UNCHECKED]
    before = (live,) if live else ()
    return [*causes, *rule_causes(schema, body, warnings, *before)]


def _walk(schema: Json, value: Any, old: Any, path: str, causes: list[Json]) -> None:
    if old is not _MISSING and old == value:
        return
    if isinstance(value, dict):
        _walk_object(schema, value, old, path, causes)
    elif isinstance(value, list):
        items = schema.get("items") or {}
        for index, item in enumerate(value):
            same = old[index] if isinstance(old, list) and index < len(old) else _MISSING
            _walk(items, item, same, f"{path}[{index}]", causes)
    causes.extend(problems_here(schema, value, path))


def _walk_object(schema: Json, value: Json, old: Any, path: str, causes: list[Json]) -> None:
    properties: Json = schema.get("properties") or {}
    more = schema.get("additionalProperties")
    kept = _kept(schema, path)
    _default(schema, properties, value)
    for name in list(value):
        member = properties.get(name) or (more if isinstance(more, dict) else None)
        if member is None or name in kept:
            continue
        same = old.get(name, _MISSING) if isinstance(old, dict) else _MISSING
        _walk(member, value[name], same, f"{path}.{name}" if path else name, causes)


def _kept(schema: Json, path: str) -> frozenset[str]:
    return _ALWAYS if not path or schema.get(_EMBEDDED) else frozenset()


def prune(schema: Json, value: Any, unknown: list[str]) -> None:
    """Drop what the schema does not name; the paths of it are added to `unknown`, sorted."""
    found: list[str] = []
    _prune(schema, value, found, "")
    unknown += sorted(found)


def _prune(schema: Json, value: Any, unknown: list[str], path: str) -> None:
    if isinstance(value, list):
        for index, item in enumerate(value):
            _prune(schema.get("items") or {}, item, unknown, f"{path}[{index}]")
        return
    if not isinstance(value, dict):
        return
    properties, more, kept = schema.get("properties") or {}, schema.get("additionalProperties"), _kept(schema, path)
    if path and schema.get(_EMBEDDED) and isinstance(value.get("metadata"), dict):
        value["metadata"] = _metadata(value["metadata"], f"{path}.metadata", unknown)
    for name in list(value):
        inner = f"{path}.{name}" if path else name
        if name in properties and not (name in kept and not path):
            _prune(properties[name], value[name], unknown, inner)
        elif isinstance(more, dict):
            _prune(more, value[name], unknown, inner)
        elif name not in kept and not more and not schema.get(_PRESERVE):
            del value[name]
            unknown.append(inner)


def _metadata(value: Json, path: str, unknown: list[str]) -> Json:
    """The metadata of an object within an object; raises UnmarshalTypeError."""
    try:
        made: Json = decoded(OBJECT_META, value, path, unknown)
    except UnmarshalTypeError as error:
        raise UnmarshalTypeError(f"{path}: Invalid value: {shown(value)}: {error}") from None
    return {name: member for name, member in made.items() if name in value}


def _default(schema: Json, properties: Json, value: Json) -> None:
    more = schema.get("additionalProperties")
    for name in [name for name, member in value.items() if member is None and name not in properties]:
        if isinstance(more, dict) and not more.get("nullable"):
            del value[name]
    for name, member in properties.items():
        if name in value and value[name] is None and not member.get("nullable"):
            del value[name]
        if "default" in member and name not in value:
            value[name] = copy.deepcopy(member["default"])
