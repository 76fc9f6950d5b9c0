"""CustomResourceDefinitions: their defaults and status, and the resources they define."""

import copy
import re
from collections.abc import Iterator
from typing import Any

from harness.emulated.apiserver.custom import schema
from harness.emulated.apiserver.custom.cel_rules import unsupported_rules
from harness.emulated.apiserver.custom.definition_rules import definition_causes, kept_versions
from harness.emulated.apiserver.kinds.conversion import convert
from harness.emulated.apiserver.kinds.formats import format_of
from harness.emulated.apiserver.kinds.registry import CUSTOM_VERBS, DEFINITIONS, Json, Registry, Scale, ServedResource
from harness.emulated.apiserver.kinds.types import OBJECT_META
from harness.emulated.apiserver.store.store import Store, StoreEvent

CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
_VERSION = re.compile(r"^v(\d+)(?:(alpha|beta)(\d+))?$")


def settle(body: Json, live: Json | None) -> list[Json]:
    """Default a definition; what is wrong with it."""
    spec = body["spec"]
    names = spec["names"]
    if names.get("kind"):
        names.setdefault("singular", names["kind"].lower())
        names.setdefault("listKind", f"{names['kind']}List")
    if not spec.get("conversion"):
        spec["conversion"] = {"strategy": "None"}
    causes = list(definition_causes(body, live))
    if live is None or live["spec"] == spec:
        return causes
    storage = [version["name"] for version in spec.get("versions") or () if version.get("storage")]
    body["status"]["storedVersions"] = [*dict.fromkeys([*(body["status"].get("storedVersions") or ()), *storage])]
    return [*causes, *kept_versions(body)]


def warnings_of(body: Json) -> list[str]:
    """What of a definition has no effect: formats that nobody knows, and rules that cannot be checked here."""
    schemas = [(version.get("schema") or {}).get("openAPIV3Schema") or {} for version in body["spec"].get("versions") or ()]
    forms = dict.fromkeys(each for found in schemas for each in _odd_formats(found))
    rules = dict.fromkeys(each for found in schemas for each in unsupported_rules(found))
    return [*(f'unrecognized format "{form}"' for form in forms), *rules]


def _odd_formats(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        if isinstance(form := found.get("format"), str) and isinstance(found.get("type"), str) and form and not format_of(found):
            yield form
        for member in found.values():
            yield from _odd_formats(member)
    elif isinstance(found, list):
        for each in found:
            yield from _odd_formats(each)


def begin(body: Json) -> None:
    """The status of a new definition, of which nothing is accepted yet."""
    storage = [version["name"] for version in body["spec"].get("versions") or () if version.get("storage")]
    body["status"] = {"conditions": None, "acceptedNames": {"plural": "", "kind": ""}, "storedVersions": storage}


def terminate(body: Json, now: str) -> None:
    """Mark a definition that is deleted `now`: its instances have to go before it."""
    body["metadata"]["finalizers"] = [*dict.fromkeys([*body["metadata"].get("finalizers", ()), CLEANUP])]
    said = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"
    condition = _condition("Terminating", "True", now, "InstanceDeletionPending", said)
    body["status"]["conditions"] = [*(body["status"].get("conditions") or ()), condition]


def _condition(kind: str, status: str, now: str, reason: str, message: str) -> Json:
    return {"type": kind, "status": status, "lastTransitionTime": now, "reason": reason, "message": message}


def status_of(body: Json, others: list[Json], now: str) -> Json:
    """Status of a definition among the others: names that nobody else has are accepted, and it is established once all are."""
    spec, status = body["spec"], body["status"]
    conflict, taken = _conflict(spec, others)
    established = _established(body)
    if conflict:
        conditions = [
            _condition("NamesAccepted", "False", now, *conflict),
            _condition("Established", "False", now, "NotAccepted", "not all names are accepted"),
        ]
        names = {key: value for key, value in spec["names"].items() if key not in taken}
        names.setdefault("kind", "")
    else:
        conditions = [
            _condition("NamesAccepted", "True", now, "NoConflicts", "no conflicts found"),
            _condition("Established", "True", now, "InitialNamesAccepted", "the initial names have been accepted"),
        ]
        names = spec["names"]
    if established:
        conditions = status["conditions"]
    storage = [version["name"] for version in spec["versions"] if version.get("storage")]
    stored = [*dict.fromkeys([*(status.get("storedVersions") or ()), *storage])]
    return {"conditions": conditions, "acceptedNames": names, "storedVersions": stored}


def _conflict(spec: Json, others: list[Json]) -> tuple[tuple[str, str] | None, set[str]]:
    """Reason and message for a name that another definition of the group has, and which of the names are so."""
    taken = [each["status"]["acceptedNames"] for each in others if each["spec"]["group"] == spec["group"]]
    keys = {"listKind": "ListKindConflict", "kind": "KindConflict", "singular": "SingularConflict", "plural": "PluralConflict"}
    found = [key for key in keys if any(names.get(key) == spec["names"].get(key) for names in taken)]
    why = (keys[found[0]], f'"{spec["names"][found[0]]}" is already in use') if found else None
    return why, set(found)


def priority(version: str) -> tuple[int, int, int, str]:
    """Sorts the preferred version first: v2, v1, v1beta2, v1beta1, v1alpha1, then others by name."""
    found = _VERSION.match(version)
    if not found:
        return (1, 0, 0, version)
    major, stage, minor = found.groups()
    return (0, {None: 0, "beta": 1, "alpha": 2}[stage], -int(major) * 1000 - int(minor or 0), version)


def resources(body: Json) -> tuple[ServedResource, ...]:
    """The served versions that a definition defines, preferred first."""
    spec = body["spec"]
    storage = next(version for version in spec["versions"] if version.get("storage"))
    served = sorted((each for each in spec["versions"] if each.get("served")), key=lambda each: priority(each["name"]))
    return tuple(_resource(spec, version, storage) for version in served)


def _resource(spec: Json, version: Json, storage: Json) -> ServedResource:
    names, parts = spec["names"], version.get("subresources") or {}
    return ServedResource(
        group=spec["group"],
        version=version["name"],
        plural=names["plural"],
        kind=names["kind"],
        namespaced=spec["scope"] == "Namespaced",
        verbs=CUSTOM_VERBS,
        singular=names["singular"],
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        parts=_parts(spec["group"], version["name"], names["kind"], parts),
        scale=_scale(parts["scale"]) if parts.get("scale") else None,
        schema=_whole(version),
        selectable=tuple(each["jsonPath"].lstrip(".") for each in version.get("selectableFields") or ()),
        unconditional=False,
        warning=_warning(spec, version),
        columns=tuple(version.get("additionalPrinterColumns") or ()),
        custom=True,
        generation=True,
        storage=storage["name"],
        stored_schema=_whole(storage),
        list_kind=names["listKind"],
    )


def _parts(group: str, version: str, kind: str, given: Json) -> tuple[Json, ...]:
    own, scale = {"group": group, "version": version, "kind": kind}, {"group": "autoscaling", "version": "v1", "kind": "Scale"}
    verbs = ("get", "patch", "update")
    return tuple({"name": name, "kind": of, "verbs": verbs} for name, of in (("status", own), ("scale", scale)) if name in given)


def _whole(version: Json) -> Json:
    """The schema of a version, with the fields that every object has."""
    found: Json = (version.get("schema") or {}).get("openAPIV3Schema") or {}
    standard = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": OBJECT_META}
    return found | {"properties": (found.get("properties") or {}) | standard}


def _warning(spec: Json, version: Json) -> str:
    """The warning of a deprecated version; names the best served version that is not deprecated, if there is one."""
    if not version.get("deprecated"):
        return ""
    if said := version.get("deprecationWarning"):
        return str(said)
    group, kind = spec["group"], spec["names"]["kind"]
    fresh = [each["name"] for each in spec["versions"] if each.get("served") and not each.get("deprecated")]
    better = min((name for name in fresh if priority(name) < priority(version["name"])), key=priority, default="")
    instead = f"; use {group}/{better} {kind}" if better else ""
    return f"{group}/{version['name']} {kind} is deprecated{instead}"


def _scale(paths: Json) -> Scale:
    return Scale(paths["specReplicasPath"], paths["statusReplicasPath"], paths.get("labelSelectorPath", ""))


def follow(registry: Registry, store: Store, change: StoreEvent) -> None:
    """Serve what a change of a definition says; to be called with every change of the store."""
    if change.table != DEFINITIONS.table:
        return
    if change.type == "DELETED":
        registry.forget(change.after.key[1])
        return
    body = change.after.read()
    before = change.before.read() if change.before else None
    if not _established(body) or (before is not None and _established(before) and before["spec"] == body["spec"]):
        return
    registry.serve(change.after.key[1], resources(body))
    if before and before["spec"] != body["spec"]:
        schemas = {f"{body['spec']['group']}/{version['name']}": _whole(version) for version in body["spec"]["versions"]}
        table = (body["spec"]["group"], body["spec"]["names"]["plural"])
        store.restate(table, lambda each: _settled(schemas[each["apiVersion"]], each) if each["apiVersion"] in schemas else each)


def _established(body: Json) -> bool:
    conditions = body["status"].get("conditions") or ()
    return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)


def as_seen(resource: ServedResource, body: Json) -> Json:
    """An object in a version, without what that version does not have."""
    seen = convert(body, resource.api_version)
    if not resource.custom or seen is body:
        return seen
    whole = copy.deepcopy(seen)
    schema.prune(resource.schema, whole, [])
    return whole


def as_stored(resource: ServedResource, body: Json) -> Json:
    """An object of a custom resource as it is read from the store: by the schema of the version that it is kept in."""
    body = convert(body, resource.stored_api_version)
    return body if resource.stored_schema is None else _settled(resource.stored_schema, body)


def _settled(own: Json, body: Json) -> Json:
    kept = copy.deepcopy(body)
    schema.prune(own, kept, [])
    schema.settle(own, kept, None, [])
    return kept
