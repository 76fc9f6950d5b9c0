"""Validation of CustomResourceDefinitions: their names and versions. Schemas are not validated."""

from collections.abc import Iterator

from harness.emulated.apiserver.kinds.errors import Json, invalid_value, required, unsupported
from harness.emulated.apiserver.kinds.naming_rules import service_name_problems

FIXED, FIXED_NAMES = ("group", "scope"), ("kind", "plural")


def definition_causes(body: Json, live: Json | None) -> Iterator[Json]:
    """Every cause for which a definition is refused."""
    spec = body["spec"]
    if live and (changed := list(_changes(spec, live["spec"]))):
        yield from changed
        return
    yield from _identity_causes(body)
    yield from _version_causes(spec.get("versions") or [])
    yield from _name_causes(spec["names"])


def kept_versions(body: Json) -> Iterator[Json]:
    """The causes for removed versions in which objects may still be stored."""
    names = {version.get("name") for version in body["spec"].get("versions") or ()}
    for index, stored in enumerate(body["status"].get("storedVersions") or ()):
        if stored not in names:
            until = f"ensures no data remains persisted in {stored} and removes {stored} from status.storedVersions"
            was = f"{stored} was previously a storage version, and must remain in spec.versions until a storage migration {until}"
            yield invalid_value(f"status.storedVersions[{index}]", stored, f"missing from spec.versions; {was}")


def _changes(spec: Json, live: Json) -> Iterator[Json]:
    for key in FIXED:
        if spec.get(key) != live.get(key):
            yield invalid_value(f"spec.{key}", spec.get(key), "field is immutable")
    for key in FIXED_NAMES:
        if spec["names"].get(key) != live["names"].get(key):
            yield invalid_value(f"spec.names.{key}", spec["names"].get(key), "field is immutable")


def _identity_causes(body: Json) -> Iterator[Json]:
    spec, name = body["spec"], body["metadata"].get("name", "")
    group, plural = spec.get("group") or "", spec["names"].get("plural") or ""
    if name != f"{plural}.{group}":
        yield invalid_value("metadata.name", name, 'must be spec.names.plural+"."+spec.group')
    if not group:
        yield required("spec.group")
    elif "." not in group:
        yield invalid_value("spec.group", group, "should be a domain with at least one dot")
    if spec.get("scope") not in {"Cluster", "Namespaced"}:
        yield unsupported("spec.scope", spec.get("scope") or "", ["Cluster", "Namespaced"])


def _name_causes(names: Json) -> Iterator[Json]:
    for key in ("plural", "singular", "kind", "listKind"):
        value, mixed = names.get(key), "ind" in key
        if not value:
            yield required(f"spec.names.{key}")
            continue
        for why in service_name_problems(value.lower() if mixed else value):
            may = "may have mixed case, but should otherwise match: " if mixed else ""
            yield invalid_value(f"spec.names.{key}", value, may + why)
    for index, value in enumerate(names.get("shortNames") or ()):
        yield from (invalid_value(f"spec.names.shortNames[{index}]", value, why) for why in service_name_problems(value))


def _version_causes(versions: list[Json]) -> Iterator[Json]:
    names = [version.get("name", "") for version in versions]
    stored = sum(bool(version.get("storage")) for version in versions)
    if stored != 1:
        yield invalid_value("spec.versions", names, "must have exactly one version marked as storage version")
    if len(set(names)) < len(names):
        yield invalid_value("spec.versions", names, "must contain unique version names")
    for index, version in enumerate(versions):
        path = f"spec.versions[{index}]"
        yield from (invalid_value(f"{path}.name", names[index], why) for why in service_name_problems(names[index]))
        if (version.get("schema") or {}).get("openAPIV3Schema") is None:
            yield required(f"{path}.schema.openAPIV3Schema")
    if len(versions) == 1:
        yield from (invalid_value("spec.version", names[0], why) for why in service_name_problems(names[0]))
    if not stored:
        yield invalid_value("status.storedVersions", None, "must have at least one stored version")
