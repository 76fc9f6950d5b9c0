"""Sets of fields in the form of fieldsV1: `{"f:spec": {"f:paused": {}}}`, and the arithmetic of them.

A node without members is a field that is owned itself; one with members is owned itself only if `"."` is among them.
List items are keyed `k:{...}` in lists of maps and `v:...` in sets; other lists are owned as a whole.
"""

from typing import Any

import msgspec

from harness.emulated.apiserver.kinds import BUILTIN, Json

FieldSet = dict[str, Any]
Keyed = dict[str, Any]

_encode = msgspec.json.Encoder(order="sorted").encode
_BUILTIN_KEYS: dict[str, tuple[str, ...]] = {
    "ownerReferences": ("uid",),
    "conditions": ("type",),
    "containers": ("name",),
    "initContainers": ("name",),
    "volumes": ("name",),
    "env": ("name",),
    "volumeMounts": ("mountPath",),
    "ports": ("containerPort", "protocol"),
    "imagePullSecrets": ("name",),
    "secrets": ("name",),
    "addresses": ("type",),
    "webhooks": ("name",),
}
_BUILTIN_SETS = frozenset({"finalizers"})
_BUILTIN_ATOMIC = frozenset({"involvedObject", "regarding", "selector", "nodeSelector", "secretRef"})
_METADATA = "metadata"
_STRUCTS = frozenset({"metadata", "spec", "status", "template", "strategy", "names"})


def list_type(schema: Json, name: str) -> tuple[str, tuple[str, ...]]:
    """`("map", keys)`, `("set", ())` or `("atomic", ())` of the list called `name` with this schema."""
    if schema is BUILTIN:
        keys = _BUILTIN_KEYS.get(name)
        return ("map", keys) if keys else ("set" if name in _BUILTIN_SETS else "atomic", ())
    return schema.get("x-kubernetes-list-type", "atomic"), tuple(schema.get("x-kubernetes-list-map-keys") or ())


def child(schema: Json, name: str) -> Json:
    """The schema of a member; metadata is always a built-in one."""
    if schema is BUILTIN or name == _METADATA:
        return BUILTIN
    found = (schema.get("properties") or {}).get(name)
    if found is None:
        more = schema.get("additionalProperties")
        found = more if isinstance(more, dict) else {}
    return found if isinstance(found, dict) else {}


def items_of(schema: Json) -> Json:
    """The schema of a list's items."""
    return BUILTIN if schema is BUILTIN else schema.get("items") or {}


def keyed(value: Any, schema: Json, name: str) -> Keyed | None:
    """The members of a map, set or list of maps by their fieldsV1 keys; None for what is owned as a whole."""
    if isinstance(value, dict):
        atomic = name in _BUILTIN_ATOMIC if schema is BUILTIN else schema.get("x-kubernetes-map-type") == "atomic"
        return None if atomic else {f"f:{key}": member for key, member in value.items()}
    if not isinstance(value, list):
        return None
    kind, keys = list_type(schema, name)
    if kind == "map" and all(isinstance(item, dict) for item in value):
        defaults = {"protocol": "TCP"} if schema is BUILTIN else {}
        picked = ({key: item.get(key, defaults.get(key)) for key in keys} for item in value)
        return {
            "k:" + _text({k: v for k, v in each.items() if v is not None}): item for each, item in zip(picked, value, strict=True)
        }
    return {f"v:{_text(item)}": item for item in value} if kind == "set" else None


def _text(value: Any) -> str:
    return _encode(value).decode()


def step(schema: Json, name: str, key: str) -> tuple[Json, str]:
    """Schema and name of the member with a fieldsV1 key."""
    if key.startswith("f:"):
        return child(schema, key[2:]), key[2:]
    return items_of(schema), name


def fields_of(value: Any, schema: Json, name: str = "") -> FieldSet:
    """All fields of a value, with the maps and lists that hold them."""
    members = keyed(value, schema, name)
    if not members:
        return {}
    fields: FieldSet = {} if _is_struct(schema, name) else {".": {}}
    for key, member in members.items():
        fields[key] = {} if key.startswith("v:") else fields_of(member, *step(schema, name, key))
    return fields


def leaves_of(value: Any, schema: Json, name: str = "") -> FieldSet:
    """All fields of a value that hold no others, and the items of keyed lists: what an apply owns."""
    fields: FieldSet = {}
    for key, member in (keyed(value, schema, name) or {}).items():
        inner = {} if key.startswith("v:") else leaves_of(member, *step(schema, name, key))
        fields[key] = {".": {}, **inner} if key.startswith("k:") else inner
    return fields


def _is_struct(schema: Json, name: str) -> bool:
    """Built-in structs are not owned apart from their members, as upstream's typed ones are not; maps and lists are."""
    return schema is BUILTIN and name in _STRUCTS


def difference_of(before: Any, after: Any, schema: Json) -> tuple[FieldSet, FieldSet]:
    """(changed or added, removed) fields between two states."""
    return _difference(before, after, schema, "")


def _difference(before: Any, after: Any, schema: Json, name: str) -> tuple[FieldSet, FieldSet]:
    changed: FieldSet = {}
    removed: FieldSet = {}
    old, new = keyed(before, schema, name) or {}, keyed(after, schema, name) or {}
    for key, member in new.items():
        place = step(schema, name, key)
        if key not in old:
            changed[key] = {} if key.startswith("v:") else fields_of(member, *place)
        elif old[key] != member:
            for whole, part in zip((changed, removed), _inside(old[key], member, place), strict=True):
                if part is not None:
                    whole[key] = part
    for key in old.keys() - new.keys():
        removed[key] = {} if key.startswith("v:") else _with_self(fields_of(old[key], *step(schema, name, key)))
    return changed, removed


def _inside(before: Any, after: Any, place: tuple[Json, str]) -> tuple[FieldSet | None, FieldSet | None]:
    """What changed and what went within one member; None for nothing."""
    if keyed(before, *place) is None or keyed(after, *place) is None:
        changed = fields_of(after, *place)
        gone = fields_of(before, *place)
        return changed, (subtract(gone, changed) if gone else None)
    changed, removed = _difference(before, after, *place)
    return changed or None, removed or None


def _with_self(fields: FieldSet) -> FieldSet:
    return fields | {".": {}} if fields else fields


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
