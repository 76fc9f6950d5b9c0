"""What is refused in a CustomResourceDefinition: names, versions, and schemas that are not structural."""

import copy
import re
from collections.abc import Iterator
from typing import Any

from harness.emulated.apiserver.builtin.field_rules import forbidden
from harness.emulated.apiserver.custom.cel_nodes import CelError
from harness.emulated.apiserver.custom.cel_parser import compiled
from harness.emulated.apiserver.custom.constraints import problems
from harness.emulated.apiserver.custom.schema import prune
from harness.emulated.apiserver.kinds.errors import Json, cause, invalid_value, required, unsupported
from harness.emulated.apiserver.kinds.naming_rules import service_name_problems

TYPES = ["array", "boolean", "integer", "number", "object", "string"]
APPROVED = "api-approved.kubernetes.io"
PROTECTED = (".k8s.io", ".kubernetes.io")
LIST_TYPES = ["atomic", "set", "map"]
REASONS = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"]
JUNCTORS = ("allOf", "anyOf", "oneOf")
FIXED = ("group", "scope")


def definition_causes(body: Json, live: Json | None) -> Iterator[Json]:
    """Every cause for which a definition is refused."""
    spec, names = body["spec"], body["spec"]["names"]
    if live and (changed := list(_changes(spec, live["spec"]))):
        yield from changed
        return
    yield from _identity_causes(body)
    yield from _version_causes(spec.get("versions") or [])
    yield from _name_causes(names)
    yield from _conversion_causes(spec)


def _identity_causes(body: Json) -> Iterator[Json]:
    spec, names = body["spec"], body["spec"]["names"]
    name, group, plural = body["metadata"].get("name", ""), spec.get("group") or "", names.get("plural") or ""
    if name != f"{plural}.{group}":
        yield invalid_value("metadata.name", name, 'must be spec.names.plural+"."+spec.group')
    if not group:
        yield required("spec.group")
    elif "." not in group:
        yield invalid_value("spec.group", group, "should be a domain with at least one dot")
    elif group.endswith(PROTECTED) and APPROVED not in (body["metadata"].get("annotations") or {}):
        about = "https://github.com/kubernetes/enhancements/pull/1111"
        yield required(
            f"metadata.annotations[{APPROVED}]", f'protected groups must have approval annotation "{APPROVED}", see {about}'
        )
    if not spec.get("scope"):
        yield required("spec.scope")
    elif spec["scope"] not in {"Cluster", "Namespaced"}:
        yield unsupported("spec.scope", spec["scope"], ["Cluster", "Namespaced"])


def _conversion_causes(spec: Json) -> Iterator[Json]:
    strategy = spec["conversion"].get("strategy")
    if strategy not in {"None", "Webhook"}:
        yield unsupported("spec.conversion.strategy", strategy, ["None", "Webhook"])
    elif strategy == "Webhook" and not (spec["conversion"].get("webhook") or {}).get("clientConfig"):
        yield required("spec.conversion.webhookClientConfig", "required when strategy is set to Webhook")
        if not (spec["conversion"].get("webhook") or {}).get("conversionReviewVersions"):
            yield required("spec.conversion.conversionReviewVersions")
    if spec.get("preserveUnknownFields"):
        better = "set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
        yield invalid_value("spec.preserveUnknownFields", True, f"cannot set to true, {better}")


def kept_versions(body: Json) -> Iterator[Json]:
    """The causes for versions that objects are still stored in, and that are no longer there."""
    names = {version.get("name") for version in body["spec"].get("versions") or ()}
    for index, stored in enumerate(body["status"].get("storedVersions") or ()):
        if stored not in names:
            until = f"ensures no data remains persisted in {stored} and removes {stored} from status.storedVersions"
            was = f"{stored} was previously a storage version, and must remain in spec.versions until a storage migration {until}"
            why = f"missing from spec.versions; {was}"
            yield invalid_value(f"status.storedVersions[{index}]", stored, why)


def _changes(spec: Json, live: Json) -> Iterator[Json]:
    for key in FIXED:
        if spec.get(key) != live.get(key):
            yield invalid_value(f"spec.{key}", spec.get(key), "field is immutable")
    for key in ("kind", "plural"):
        if spec["names"].get(key) != live["names"].get(key):
            yield invalid_value(f"spec.names.{key}", spec["names"].get(key), "field is immutable")


def _name_causes(names: Json) -> Iterator[Json]:
    for key in ("plural", "singular", "kind", "listKind"):
        value = names.get(key)
        if not value:
            yield required(f"spec.names.{key}")
        else:
            text = value.lower() if "ind" in key else value
            yield from (invalid_value(f"spec.names.{key}", value, why) for why in service_name_problems(text))
    for index, value in enumerate(names.get("shortNames") or ()):
        yield from (invalid_value(f"spec.names.shortNames[{index}]", value, why) for why in service_name_problems(value))


def _go_version(version: Json, *, single: bool) -> Json:
    """A version as Go prints it; what there is only one of stands beside it."""
    keys = ("deprecationWarning", "schema", "subresources", "additionalPrinterColumns", "selectableFields")
    plain = {key: version.get(key) for key in keys}
    if single:
        plain |= dict.fromkeys(keys[1:], None)
    flags = {name: bool(version.get(name.lower())) for name in ("Served", "Storage", "Deprecated")}
    return {"Name": version.get("name", ""), **flags, **{key[0].upper() + key[1:]: value for key, value in plain.items()}}


def _version_causes(versions: list[Json]) -> Iterator[Json]:
    names = [version.get("name", "") for version in versions]
    stored, printed = sum(bool(version.get("storage")) for version in versions), None
    if stored != 1:
        printed = [_go_version(version, single=len(versions) == 1) for version in versions]
        yield invalid_value("spec.versions", printed, "must have exactly one version marked as storage version")
    if len(set(names)) < len(names):
        yield invalid_value("spec.versions", printed or versions, "must contain unique version names")
    single = len(versions) == 1
    for index, version in enumerate(versions):
        path = f"spec.versions[{index}]"
        yield from (
            invalid_value(f"{path}.name", version.get("name", ""), why) for why in service_name_problems(version.get("name", ""))
        )
        schema = (version.get("schema") or {}).get("openAPIV3Schema")
        if schema is None:
            yield required(f"{path}.schema.openAPIV3Schema")
        else:
            base = "spec.validation.openAPIV3Schema" if single else f"{path}.schema.openAPIV3Schema"
            yield from _root_causes(schema, base)
        yield from _column_causes(version, "spec" if single else path)
        yield from _selectable_causes(version, "spec" if single else path)
    if single:
        yield from (invalid_value("spec.version", names[0], why) for why in service_name_problems(names[0]))
    if not stored:
        yield invalid_value("status.storedVersions", None, "must have at least one stored version")


def _column_causes(version: Json, path: str) -> Iterator[Json]:
    kinds = ["boolean", "date", "integer", "number", "string"]
    for index, column in enumerate(version.get("additionalPrinterColumns") or ()):
        where = f"{path}.additionalPrinterColumns[{index}]"
        if column.get("type") not in kinds:
            yield invalid_value(f"{where}.type", column.get("type"), f"must be one of {','.join(kinds)}")
        if not str(column.get("jsonPath", "")).startswith((".", "[")):
            yield invalid_value(f"{where}.JSONPath", column.get("jsonPath"), "must be a simple json path starting with .")


def _selectable_causes(version: Json, path: str) -> Iterator[Json]:
    for index, field in enumerate(version.get("selectableFields") or ()):
        schema: Json = (version.get("schema") or {}).get("openAPIV3Schema") or {}
        for step in field.get("jsonPath", "").strip(".").split("."):
            schema = (schema.get("properties") or {}).get(step) or {}
        if not schema:
            why = "is an invalid path: does not refer to a valid field"
            yield invalid_value(f"{path}.selectableFields[{index}].jsonPath", field.get("jsonPath", ""), why)
    for key in ("specReplicasPath", "statusReplicasPath"):
        scale = (version.get("subresources") or {}).get("scale")
        below = ".spec" if key.startswith("spec") else ".status"
        if scale and scale.get(key, "").startswith(".") and not scale[key].startswith(f"{below}."):
            yield invalid_value(f"{path}.subresources.scale.{key}", scale[key], f"should be a json path under {below}")
        elif scale and not scale.get(key, "").startswith("."):
            yield invalid_value(
                f"{path}.subresources.scale.{key}", scale.get(key, ""), "must be a simple json path starting with ."
            )


def _root_causes(schema: Json, path: str) -> Iterator[Json]:
    if not schema.get("type"):
        yield required(f"{path}.type", "must not be empty at the root")
    elif schema["type"] != "object":
        yield invalid_value(f"{path}.type", schema["type"], "must be object at the root")
    metadata = ((schema.get("properties") or {}).get("metadata") or {}).get("properties") or {}
    if metadata.keys() - {"name", "generateName"}:
        why = "must not specify anything other than name and generateName, but metadata is implicitly specified"
        yield cause("FieldValueForbidden", f"{path}.properties[metadata]", f"Forbidden: {why}")
    named = metadata.get("name") or {}
    if "default" in named:
        yield forbidden(f"{path}.properties[metadata].properties[name].default", "must not be set in top-level metadata")
    if schema.get("additionalProperties") is not None:
        yield forbidden(f"{path}.additionalProperties", "must not be used at the root")
        return
    yield from _schema_causes(schema, path, root=True)


def _schema_causes(schema: Any, path: str, *, root: bool = False) -> Iterator[Json]:
    """The causes for a schema and all within it."""
    if not isinstance(schema, dict):
        return
    kind, free = (
        schema.get("type"),
        schema.get("x-kubernetes-int-or-string") or schema.get("x-kubernetes-preserve-unknown-fields"),
    )
    if "$ref" in schema:
        yield forbidden(f"{path}.$ref", "$ref is not supported")
        return
    yield from _junctor_causes(schema, path)
    if kind and kind not in TYPES:
        yield unsupported(f"{path}.type", kind, TYPES)
    elif not kind and not free and not root:
        what = "specified array items" if path.endswith("items") else "specified object fields"
        yield required(f"{path}.type", f"must not be empty for {what}")
    if schema.get("uniqueItems"):
        why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        yield cause("FieldValueForbidden", f"{path}.uniqueItems", f"Forbidden: {why}")
    if kind == "array" and not schema.get("items"):
        yield required(f"{path}.items", "must be specified")
    if schema.get("properties") and schema.get("additionalProperties"):
        yield cause(
            "FieldValueForbidden",
            f"{path}.additionalProperties",
            "Forbidden: additionalProperties and properties are mutual exclusive",
        )
    yield from _list_causes(schema, path)
    yield from _pattern_causes(schema, path)
    if "default" in schema and not root and not path.endswith(".properties[metadata].properties[name]"):
        yield from _unknown_default(schema, path)
        yield from ({**each, "field": f"{path}.default"} for each in problems(schema, schema["default"], ""))
    yield from _rule_causes(schema, path)
    for name, member in (schema.get("properties") or {}).items():
        yield from _schema_causes(member, f"{path}.properties[{name}]")
    yield from _schema_causes(schema.get("items"), f"{path}.items")
    yield from _schema_causes(schema.get("additionalProperties"), f"{path}.additionalProperties")


def _unknown_default(schema: Json, path: str) -> Iterator[Json]:
    unknown: list[str] = []
    prune({"properties": {"default": schema}}, {"default": copy.deepcopy(schema["default"])}, unknown)
    if unknown:
        yield invalid_value(f"{path}.default", schema["default"], "must not have unknown fields")


def _junctor_causes(schema: Json, path: str) -> Iterator[Json]:
    """Within allOf, anyOf, oneOf and not only values may be constrained, not types or metadata."""
    inner = [(f"{path}.{key}[{at}]", each) for key in JUNCTORS for at, each in enumerate(schema.get(key) or ())]
    inner += [(f"{path}.not", schema["not"])] if isinstance(schema.get("not"), dict) else []
    loose = schema.get("x-kubernetes-int-or-string")
    for where, each in inner:
        for key in ("type", "default", "additionalProperties", "nullable", "title", "description"):
            if key in each and not (loose and key == "type"):
                yield forbidden(
                    f"{where}.{key}", "must be empty to be structural" if key == "type" else "must be undefined to be structural"
                )


def _list_causes(schema: Json, path: str) -> Iterator[Json]:
    kind, keys = schema.get("x-kubernetes-list-type"), schema.get("x-kubernetes-list-map-keys")
    if kind is not None and kind not in LIST_TYPES:
        yield unsupported(f"{path}.x-kubernetes-list-type", kind, LIST_TYPES)
    if kind == "map" and not keys:
        yield required(f"{path}.x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map")
    items = schema.get("items") or {}
    if kind == "map" and items.get("type") != "object":
        why = "must be object if parent array's x-kubernetes-list-type is map"
        yield invalid_value(f"{path}.items.type", items.get("type", ""), why)
    if (granular := schema.get("x-kubernetes-map-type")) not in {None, "atomic", "granular"}:
        yield unsupported(f"{path}.x-kubernetes-map-type", granular, ["atomic", "granular"])
    for key in keys or ():
        member = (items.get("properties") or {}).get(key) or {}
        if key not in (items.get("required") or ()) and "default" not in member:
            why = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"
            yield required(f"{path}.items.properties[{key}].default", why)


def _pattern_causes(schema: Json, path: str) -> Iterator[Json]:
    try:
        re.compile(schema.get("pattern", ""))
    except re.error as error:
        yield invalid_value(f"{path}.pattern", schema["pattern"], f"must be a valid regular expression, but isn't: {error}")


def _reached(schema: Json, path: str) -> bool:
    """Whether a path leads to a field of the schema."""
    for step in re.findall(r"[^.\['\]]+", path):
        more = schema.get("additionalProperties")
        schema = (schema.get("properties") or {}).get(step) or (more if isinstance(more, dict) else {})
    return bool(schema)


def _rule_causes(schema: Json, path: str) -> Iterator[Json]:
    for index, rule in enumerate(schema.get("x-kubernetes-validations") or ()):
        where = f"{path}.x-kubernetes-validations[{index}].rule"
        if not rule.get("rule", "").strip():
            yield required(where, "rule is not specified")
            continue
        if rule.get("reason") and rule["reason"] not in REASONS:
            yield unsupported(where.replace(".rule", ".reason"), rule["reason"], REASONS)
        if rule.get("fieldPath") and not _reached(schema, rule["fieldPath"]):
            yield invalid_value(where.replace(".rule", ".fieldPath"), rule["fieldPath"], "must be a valid path")
        try:
            compiled(rule["rule"])
        except CelError as error:
            if "undeclared" not in str(error):
                yield invalid_value(where, rule, f"compilation failed: {error}")
