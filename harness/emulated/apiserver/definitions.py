"""CustomResourceDefinitions: their defaults and status, and the resources they define."""

import re

from harness.emulated.apiserver.definition_rules import definition_causes, kept_versions
from harness.emulated.apiserver.kinds import CUSTOM_VERBS, DEFINITIONS, Json, Registry, Resource, Scale
from harness.emulated.apiserver.metadata import now
from harness.emulated.apiserver.store import Change
from harness.emulated.apiserver.types import OBJECT_META

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


def begin(body: Json) -> None:
    """The status of a new definition, of which nothing is accepted yet."""
    storage = [version["name"] for version in body["spec"].get("versions") or () if version.get("storage")]
    body["status"] = {"conditions": None, "acceptedNames": {"plural": "", "kind": ""}, "storedVersions": storage}


def terminate(body: Json) -> None:
    """Mark a definition that is deleted: its instances have to go before it."""
    body["metadata"]["finalizers"] = [*dict.fromkeys([*body["metadata"].get("finalizers", ()), CLEANUP])]
    said = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"
    condition = _condition("Terminating", "True", "InstanceDeletionPending", said)
    body["status"]["conditions"] = [*(body["status"].get("conditions") or ()), condition]


def _condition(kind: str, status: str, reason: str, message: str) -> Json:
    return {"type": kind, "status": status, "lastTransitionTime": now(), "reason": reason, "message": message}


def status_of(body: Json, others: list[Json]) -> Json:
    """Status of a definition among the others: names that nobody else has are accepted, and it is established once all are."""
    spec, status = body["spec"], body["status"]
    conflict = _conflict(spec, others)
    established = any(each["type"] == "Established" and each["status"] == "True" for each in status.get("conditions") or ())
    if conflict:
        conditions = [
            _condition("NamesAccepted", "False", *conflict),
            _condition("Established", "False", "NotAccepted", "not all names are accepted"),
        ]
        names = {"plural": spec["names"]["plural"], "kind": ""}
    else:
        conditions = [
            _condition("NamesAccepted", "True", "NoConflicts", "no conflicts found"),
            _condition("Established", "True", "InitialNamesAccepted", "the initial names have been accepted"),
        ]
        names = spec["names"]
    if established:
        conditions = status["conditions"]
    storage = [version["name"] for version in spec["versions"] if version.get("storage")]
    stored = [*dict.fromkeys([*(status.get("storedVersions") or ()), *storage])]
    return {"conditions": conditions, "acceptedNames": names, "storedVersions": stored}


def _conflict(spec: Json, others: list[Json]) -> tuple[str, str] | None:
    """Reason and message for the first name that another definition of the group has."""
    taken = [each["status"]["acceptedNames"] for each in others if each["spec"]["group"] == spec["group"]]
    for key, reason in (("listKind", "ListKindConflict"), ("kind", "KindConflict"), ("singular", "SingularConflict")):
        if any(names.get(key) == spec["names"].get(key) for names in taken):
            return reason, f'"{spec["names"][key]}" is already in use'
    return None


def priority(version: str) -> tuple[int, int, int, str]:
    """Sorts the preferred version first: v2, v1, v1beta2, v1beta1, v1alpha1, then others by name."""
    found = _VERSION.match(version)
    if not found:
        return (1, 0, 0, version)
    major, stage, minor = found.groups()
    return (0, {None: 0, "beta": 1, "alpha": 2}[stage], -int(major) * 1000 - int(minor or 0), version)


def resources(body: Json) -> tuple[Resource, ...]:
    """The served versions that a definition defines, preferred first."""
    spec = body["spec"]
    storage = next(version["name"] for version in spec["versions"] if version.get("storage"))
    served = sorted((each for each in spec["versions"] if each.get("served")), key=lambda each: priority(each["name"]))
    return tuple(_resource(spec, version, storage) for version in served)


def _resource(spec: Json, version: Json, storage: str) -> Resource:
    names, parts = spec["names"], version.get("subresources") or {}
    return Resource(
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
        schema=_whole((version.get("schema") or {}).get("openAPIV3Schema") or {}),
        selectable=tuple(each["jsonPath"].lstrip(".") for each in version.get("selectableFields") or ()),
        unconditional=False,
        warning=_warning(spec, version),
        columns=tuple(version.get("additionalPrinterColumns") or ()),
        custom=True,
        generation=True,
        storage=storage,
        list_kind=names["listKind"],
    )


def _parts(group: str, version: str, kind: str, given: Json) -> tuple[Json, ...]:
    own, scale = {"group": group, "version": version, "kind": kind}, {"group": "autoscaling", "version": "v1", "kind": "Scale"}
    verbs = ("get", "patch", "update")
    return tuple({"name": name, "kind": of, "verbs": verbs} for name, of in (("status", own), ("scale", scale)) if name in given)


def _whole(schema: Json) -> Json:
    """A schema with the fields that every object has."""
    standard = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": OBJECT_META}
    return schema | {"properties": (schema.get("properties") or {}) | standard}


def _warning(spec: Json, version: Json) -> str:
    if not version.get("deprecated"):
        return ""
    default = f"{spec['group']}/{version['name']} {spec['names']['kind']} is deprecated"
    return version.get("deprecationWarning") or default


def _scale(paths: Json) -> Scale:
    return Scale(paths["specReplicasPath"], paths["statusReplicasPath"], paths.get("labelSelectorPath", ""))


def follow(registry: Registry, change: Change) -> None:
    """Serve what a change of a definition says; to be called with every change of the store."""
    if change.table != DEFINITIONS.table:
        return
    if change.type == "DELETED":
        registry.forget(change.after.key[1])
        return
    body = change.after.read()
    accepted = {"kind": body["status"]["acceptedNames"].get("kind"), "spec": body["spec"]}
    before = change.before.read() if change.before else None
    if accepted["kind"] and (
        before is None or accepted != {"kind": before["status"]["acceptedNames"].get("kind"), "spec": before["spec"]}
    ):
        registry.serve(change.after.key[1], resources(body))
