"""The built-in kinds: what is served, and their types as structural schemas; read from `builtin_kinds.json`.

Beside what a custom resource's schema has, a field may have `omit` (left out when it is nothing), `default` (what stands for a field
that is not given; `{}`: a struct of nothing but its own defaults), `said` (the default that OpenAPI documents tell of),
`number` (of its protobuf field) and `struct` (its type's name).
"""

import copy
from pathlib import Path
from typing import Any

import msgspec

Json = dict[str, Any]

_DATA: Json = msgspec.json.decode(Path(__file__).with_name("builtin_kinds.json").read_bytes())
RESOURCES: list[Json] = _DATA["resources"]
"""Each with group, version, plural, kind, namespaced, singular, verbs, short_names, categories, parts and type."""
TYPES: dict[str, Json] = _DATA["types"]
RAW_TYPES: dict[str, Json] = copy.deepcopy(TYPES)
"""The types as they refer to each other by name."""


def _link(schema: Json) -> Json:
    """The schema with its references, and those within its items and values, replaced by the types they name."""
    for key in ("items", "additionalProperties"):
        if key in schema:
            schema[key] = _link(schema[key])
    reference = schema.pop("$ref", None)
    return {**TYPES[reference], **schema} if reference else schema


for _name, _type in TYPES.items():
    _type["struct"] = _name
    if _type.get("x-kubernetes-preserve-unknown-fields"):
        _type.setdefault("x-kubernetes-map-type", "atomic")
for _type in TYPES.values():
    for _field, _schema in _type.get("properties", {}).items():
        _type["properties"][_field] = _link(_schema)

OBJECT_META = TYPES["meta.v1.ObjectMeta"]


def nothing_of(schema: Json) -> Any:
    """The value of an absent field: its default, or a struct of its fields' defaults."""
    default = schema.get("default")
    return zero_struct(schema) if default == {} and "properties" in schema else default


def zero_struct(schema: Json) -> Json:
    """A struct of this type in which nothing is given."""
    return {name: nothing_of(member) for name, member in schema["properties"].items() if "default" in member}
