"""The schemas of an OpenAPI document: the types of its kinds, with all that they refer to."""

from collections.abc import Iterable, Sequence
from typing import Any

from harness.emulated.apiserver.kinds.registry import Json, ServedResource
from harness.emulated.apiserver.kinds.types import RAW_TYPES, RESOURCES
from harness.emulated.apiserver.openapi.paths import META, schema_name

_REFERENCE = "#/components/schemas/"
_PLAIN = {
    "date-time": f"{META}.Time",
    "micro-time": f"{META}.MicroTime",
    "quantity": "io.k8s.apimachinery.pkg.api.resource.Quantity",
}
_INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
SCALARS: Json = {
    f"{META}.Time": {"type": "string", "format": "date-time"},
    f"{META}.MicroTime": {"type": "string", "format": "date-time"},
    f"{META}.FieldsV1": {"type": "object"},
    _PLAIN["quantity"]: {"oneOf": [{"type": "string"}, {"type": "number"}]},
    _INT_OR_STRING: {"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]},
    "io.k8s.apimachinery.pkg.runtime.RawExtension": {"type": "object"},
}
_HIDDEN = frozenset({"omit", "number", "struct", "said"})
_PACKAGES = {
    "meta.v1": META,
    "pkg.version": "io.k8s.apimachinery.pkg.version",
    "pkg.runtime": "io.k8s.apimachinery.pkg.runtime",
    "apiextensions.v1": "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1",
    "apiregistration.v1": "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1",
}
_GROUPS = {each["type"]: (each["group"], each["version"], each["kind"]) for each in RESOURCES}


def whole_name(short: str) -> str:
    """`io.k8s.api.core.v1.Container` of the short name of a type."""
    package, _, kind = short.rpartition(".")
    return f"{_PACKAGES.get(package) or f'io.k8s.api.{package}'}.{kind}"


def schemas_of(resources: Sequence[ServedResource]) -> Json:
    """The schemas of resources, and of all that they refer to."""
    custom = {schema_name(each): _custom(each) for each in resources if each.custom}
    found: Json = {}
    left = {schema_name(each) for each in resources}
    while left:
        name = left.pop()
        found[name] = custom.get(name) or SCALARS.get(name) or _BUILTIN.get(name) or {"type": "object"}
        left |= {*_references(found[name])} - found.keys()
    return dict(sorted(found.items()))


def _references(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        for key, member in value.items():
            if key == "$ref":
                yield member.removeprefix(_REFERENCE)
            else:
                yield from _references(member)
    elif isinstance(value, list):
        for member in value:
            yield from _references(member)


def _custom(resource: ServedResource) -> Json:
    own: Json = {key: value for key, value in resource.schema.items() if key != "properties"}
    standard: Json = {name: {"type": "string"} for name in ("apiVersion", "kind")}
    standard["metadata"] = {"allOf": [{"$ref": f"{_REFERENCE}{META}.ObjectMeta"}]}
    members = {name: _whole(member) for name, member in resource.schema["properties"].items() if name not in standard}
    kind = {"group": resource.group, "kind": resource.kind, "version": resource.version}
    return own | {"type": "object", "properties": standard | members, "x-kubernetes-group-version-kind": [kind]}


def _whole(schema: Any) -> Any:
    """A schema in which objects within objects have what every object has."""
    if not isinstance(schema, dict):
        return schema
    made = {key: _whole(value) if key in {"items", "additionalProperties"} else value for key, value in schema.items()}
    if "properties" in schema:
        made["properties"] = {name: _whole(member) for name, member in schema["properties"].items()}
    if schema.get("x-kubernetes-embedded-resource"):
        standard: Json = {name: {"type": "string"} for name in ("apiVersion", "kind")}
        standard["metadata"] = {"allOf": [{"$ref": f"{_REFERENCE}{META}.ObjectMeta"}]}
        made["properties"] = standard | made.get("properties", {})
    return made


def _type(name: str, made: Json) -> Json:
    kept = {
        key: value for key, value in made.items() if key not in {*_HIDDEN, "properties", "x-kubernetes-preserve-unknown-fields"}
    }
    kept.pop("x-kubernetes-map-type", None) if made.get("x-kubernetes-preserve-unknown-fields") else None
    if "properties" in made:
        kept["properties"] = {key: _member(member) for key, member in made["properties"].items()}
    if name in _GROUPS:
        group, version, kind = _GROUPS[name]
        kept["x-kubernetes-group-version-kind"] = [{"group": group, "kind": kind, "version": version}]
    return {"type": "object"} | kept


def _member(made: Json) -> Json:
    kept = {
        key: value for key, value in made.items() if key not in {*_HIDDEN, "$ref", "default", "items", "additionalProperties"}
    }
    kept.pop("x-kubernetes-preserve-unknown-fields", None)
    if reference := whole_name(made["$ref"]) if "$ref" in made else _scalar_of(made):
        kept = {key: value for key, value in kept.items() if key not in {"type", "format", "x-kubernetes-int-or-string"}}
        kept["allOf"] = [{"$ref": _REFERENCE + reference}]
    if "said" in made:
        kept["default"] = made["said"]
    for key in ("items", "additionalProperties"):
        if key in made:
            kept[key] = _inner(made[key])
    return kept


def _inner(made: Json) -> Json:
    inner = _member(made)
    return {"$ref": inner["allOf"][0]["$ref"]} if "allOf" in inner and "default" not in inner else inner


def _scalar_of(made: Json) -> str:
    if made.get("x-kubernetes-int-or-string"):
        return _INT_OR_STRING
    return _PLAIN.get(made.get("format", ""), "")


_BUILTIN: Json = {whole_name(name): _type(name, made) for name, made in RAW_TYPES.items()}
