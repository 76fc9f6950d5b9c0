"""Sets of fields in the form of fieldsV1: `{"f:spec": {"f:paused": {}}}`, and the arithmetic of them.

A node without members is a field that is owned itself; one with members is owned itself only if `"."` is among them.
List items are keyed `k:{...}` in lists of maps and `v:...` in sets; other lists are owned as a whole.
"""

from typing import Any

import msgspec

from harness.emulated.apiserver.kinds.types import Json

FieldSet = dict[str, Any]
Keyed = dict[str, Any]

_encode = msgspec.json.Encoder(order="sorted").encode


def child(schema: Json, name: str) -> Json:
    """The schema of a member; empty where none is declared."""
    found = (schema.get("properties") or {}).get(name)
    if found is None:
        more = schema.get("additionalProperties")
        found = more if isinstance(more, dict) else {}
    return found if isinstance(found, dict) else {}


def keyed(value: Any, schema: Json) -> Keyed | None:
    """The members of a map, set or list of maps by their fieldsV1 keys; None for what is owned as a whole."""
    if isinstance(value, dict):
        return None if schema.get("x-kubernetes-map-type") == "atomic" else {f"f:{key}": member for key, member in value.items()}
    kind = schema.get("x-kubernetes-list-type", "atomic")
    if not isinstance(value, list) or kind == "atomic":
        return None
    if kind == "map" and all(isinstance(item, dict) for item in value):
        return {f"k:{_text(_keys(item, schema))}": item for item in value}
    return {f"v:{_text(item)}": item for item in value} if kind == "set" else None


def _keys(item: Json, schema: Json) -> Json:
    """The keys of an item, with the defaults of those it does not have."""
    members = (schema.get("items") or {}).get("properties") or {}
    found = {
        key: item.get(key, (members.get(key) or {}).get("default")) for key in schema.get("x-kubernetes-list-map-keys") or ()
    }
    return {key: value for key, value in found.items() if value is not None}


def _text(value: Any) -> str:
    return _encode(value).decode()


def step(schema: Json, key: str) -> Json:
    """The schema of the member with a fieldsV1 key."""
    return child(schema, key[2:]) if key.startswith("f:") else schema.get("items") or {}


def fields_of(value: Any, schema: Json) -> FieldSet:
    """All fields of a new value, with the maps and lists that hold them."""
    members = keyed(value, schema)
    if not members:
        return {}
    inner = {key: {} if key.startswith("v:") else fields_of(member, step(schema, key)) for key, member in members.items()}
    return {".": {}, **inner}


def leaves_of(value: Any, schema: Json) -> FieldSet:
    """What an apply owns: fields that hold no others, the items of keyed lists, and members of maps that the schema does not name."""
    fields: FieldSet = {}
    for key, member in (keyed(value, schema) or {}).items():
        inner = {} if key.startswith("v:") else leaves_of(member, step(schema, key))
        of = step(schema, key)
        if (member == [] and keyed(member, of) is not None) or (not inner and keyed(member, of)):
            continue
        declared = key.startswith("f:") and key[2:] in (schema.get("properties") or {})
        fields[key] = inner if declared or not inner else {".": {}, **inner}
    return fields


def difference_of(before: Any, after: Any, schema: Json) -> tuple[FieldSet, FieldSet]:
    """(changed or added, removed) fields between two states."""
    return _difference(before, after, schema)


def _difference(before: Any, after: Any, schema: Json) -> tuple[FieldSet, FieldSet]:
    changed: FieldSet = {}
    removed: FieldSet = {}
    old, new = keyed(before, schema) or {}, keyed(after, schema) or {}
    for key, member in new.items():
        inner = step(schema, key)
        if key not in old:
            changed[key] = {} if key.startswith("v:") else fields_of(member, inner)
        elif old[key] != member:
            for whole, part in zip((changed, removed), _inside(old[key], member, inner), strict=True):
                if part is not None:
                    whole[key] = part
    for key in old.keys() - new.keys():
        removed[key] = {} if key.startswith("v:") else fields_of(old[key], step(schema, key))
    return changed, removed


def _inside(before: Any, after: Any, schema: Json) -> tuple[FieldSet | None, FieldSet | None]:
    """What changed and what went within one member; None for nothing."""
    nothing, other = (before, after) if before is None else (after, before)
    whole = keyed(other, schema) is None or (nothing is not None and keyed(nothing, schema) is None)
    if whole:
        changed = fields_of(after, schema)
        gone = fields_of(before, schema)
        return changed, (subtract(gone, changed) if gone else None)
    changed, removed = _difference(before, after, schema)
    return changed or None, removed or None


def is_member(node: FieldSet) -> bool:
    """Whether the field of this node is owned itself."""
    return not node or "." in node


def _join(rest: FieldSet, *, member: bool) -> FieldSet | None:
    if rest:
        return {".": {}, **rest} if member else rest
    return {} if member else None


def _inner(node: FieldSet) -> FieldSet:
    return {key: value for key, value in node.items() if key != "."}


def union(one: FieldSet, other: FieldSet) -> FieldSet:
    """Fields of either."""
    result = _inner(one)
    for key, node in _inner(other).items():
        if key in result:
            mine = result[key]
            joined = _join(union(mine, node), member=is_member(mine) or is_member(node))
            result[key] = joined if joined is not None else {}
        else:
            result[key] = node
    return result


def subtract(one: FieldSet, other: FieldSet) -> FieldSet:
    """Fields of one that are not of the other."""
    result: FieldSet = {}
    for key, node in _inner(one).items():
        if key not in other:
            result[key] = node
            continue
        left = _join(subtract(node, other[key]), member=is_member(node) and not is_member(other[key]))
        if left is not None:
            result[key] = left
    return result


def intersect(one: FieldSet, other: FieldSet) -> FieldSet:
    """Fields of both."""
    result: FieldSet = {}
    for key, node in _inner(one).items():
        if key in other:
            both = _join(intersect(node, other[key]), member=is_member(node) and is_member(other[key]))
            if both is not None:
                result[key] = both
    return result
