"""Whether a configuration to apply has the shape of its type: nothing undeclared, scalars of the right sort, no key twice."""

from collections.abc import Iterator
from typing import Any

import msgspec

from harness.emulated.apiserver.kinds.decoding import KINDS
from harness.emulated.apiserver.kinds.errors import Json, shown
from harness.emulated.apiserver.store.field_sets import keyed

_META = frozenset({"apiVersion", "kind", "metadata"})


def shape_problems(schema: Json, value: Any, path: str, custom: bool) -> Iterator[str]:
    """What does not fit, as upstream's typed values say it."""
    if value is None or schema.get("x-kubernetes-preserve-unknown-fields") or schema.get("x-kubernetes-int-or-string"):
        return
    kind = schema.get("type")
    if kind in {"object", "array"} and not isinstance(value, dict if kind == "object" else list):
        wanted = "map" if kind == "object" else "list"
        yield f"{path}: expected {wanted}, got {KINDS[type(value)]}"
    elif isinstance(value, dict):
        yield from _map_problems(schema, value, path, custom)
    elif isinstance(value, list):
        yield from _list_problems(schema, value, path, custom)
    elif wanted := _wanted(schema, value):
        yield f"{path}: expected {wanted}, got {KINDS[type(value)]}"


def _wanted(schema: Json, value: Any) -> str:
    kind = schema.get("type")
    if kind == "string" and not isinstance(value, str) and schema.get("format") != "quantity":
        return "string"
    if kind == "boolean" and not isinstance(value, bool):
        return "boolean"
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return "numeric (int or float)" if kind in {"integer", "number"} and not number else ""


def _map_problems(schema: Json, value: Json, path: str, custom: bool) -> Iterator[str]:
    properties, more = schema.get("properties") or {}, schema.get("additionalProperties")
    for name, member in value.items():
        if custom and not path and name in _META:
            continue
        inner = properties.get(name) or (more if isinstance(more, dict) else None)
        if inner is None:
            yield f"{path}.{name}: field not declared in schema"
        else:
            yield from shape_problems(inner, member, f"{path}.{name}", custom)


def _list_problems(schema: Json, value: list[Any], path: str, custom: bool) -> Iterator[str]:
    for index, item in enumerate(value):
        yield from shape_problems(schema.get("items") or {}, item, f"{path}[{index}]", custom)
    names = schema.get("x-kubernetes-list-map-keys") or ()
    members = (schema.get("items") or {}).get("properties") or {}
    for index, item in enumerate(value if names and not any("default" in (members.get(name) or {}) for name in names) else ()):
        if isinstance(item, dict) and not any(name in item for name in names):
            told = "[" + " ".join(map(shown, names)) + "]"
            why = f"associative list with keys has an element that omits all key fields {told}"
            yield f"{path}: element {index}: {why} (and doesn't have default values for any key fields)"
    seen: set[str] = set()
    for item in value:
        for key in keyed([item], schema) or ():
            if key in seen:
                yield f"{path}: duplicate entries for key {_key(key)}"
            seen.add(key)


def _key(key: str) -> str:
    kind, _, text = key.partition(":")
    if kind == "v":
        return f"[={text}]"
    pairs = msgspec.json.decode(text).items()
    return f"[{','.join(f'{name}={msgspec.json.encode(value).decode()}' for name, value in pairs)}]"
