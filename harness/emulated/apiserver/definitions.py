"""CustomResourceDefinitions: their defaults and status, and the resources they define."""

import re

from harness.emulated.apiserver.errors import cause
from harness.emulated.apiserver.kinds import CUSTOM_VERBS, DEFINITIONS, Json, Registry, Resource, Scale
from harness.emulated.apiserver.metadata import now
from harness.emulated.apiserver.store import Change

CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
_VERSION = re.compile(r"^v(\d+)(?:(alpha|beta)(\d+))?$")


def settle(body: Json, live: Json | None) -> list[Json]:
    """Default a definition, and bring the status of a changed one up to date; the causes of a refusal."""
    spec = body.setdefault("spec", {})
    names = spec.setdefault("names", {})
    causes = _causes(body, spec, names)
    if causes:
        return causes
    names.setdefault("singular", names["kind"].lower())
    names.setdefault("listKind", f"{names['kind']}List")
    if not spec.get("conversion"):
        spec["conversion"] = {"strategy": "None"}
    if live is not None and live["spec"] != spec:
        establish(body, live.get("status", {}))
    return []


def establish(body: Json, status: Json) -> None:
    """Accept the names, establish the definition and have its instances cleaned up before it goes; `status` is the one it had."""
    if not status:
        body["metadata"]["finalizers"] = [*dict.fromkeys([*body["metadata"].get("finalizers", ()), CLEANUP])]
    body["status"] = _status(body["spec"], status)


def _causes(body: Json, spec: Json, names: Json) -> list[Json]:
    required = {"spec.group": spec.get("group"), "spec.scope": spec.get("scope"), "spec.versions": spec.get("versions")}
    required |= {"spec.names.plural": names.get("plural"), "spec.names.kind": names.get("kind")}
    causes = [cause("FieldValueRequired", field, "Required value") for field, value in required.items() if not value]
    name, expected = body["metadata"]["name"], f"{names.get('plural')}.{spec.get('group')}"
    if not causes and name != expected:
        causes.append(
            cause("FieldValueInvalid", "metadata.name", f'Invalid value: "{name}": must be spec.names.plural+"."+spec.group')
        )
    if sum(bool(version.get("storage")) for version in spec.get("versions") or ()) != 1 and not causes:
        causes.append(
            cause("FieldValueInvalid", "spec.versions", "Invalid value: must have exactly one version marked as storage version")
        )
    return causes


def _status(spec: Json, status: Json) -> Json:
    reasons = (
        ("NamesAccepted", "NoConflicts", "no conflicts found"),
        ("Established", "InitialNamesAccepted", "the initial names have been accepted"),
    )
    conditions = [
        {"type": kind, "status": "True", "lastTransitionTime": now(), "reason": reason, "message": message}
        for kind, reason, message in reasons
    ]
    storage = next(version["name"] for version in spec["versions"] if version.get("storage"))
    stored = [*dict.fromkeys([*status.get("storedVersions", ()), storage])]
    return {"conditions": status.get("conditions") or conditions, "acceptedNames": spec["names"], "storedVersions": stored}


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
        has_status="status" in parts,
        scale=_scale(parts["scale"]) if parts.get("scale") else None,
        schema=(version.get("schema") or {}).get("openAPIV3Schema") or {},
        columns=tuple(version.get("additionalPrinterColumns") or ()),
        custom=True,
        generation=True,
        storage=storage,
        list_kind=names["listKind"],
    )


def _scale(paths: Json) -> Scale:
    return Scale(paths["specReplicasPath"], paths["statusReplicasPath"], paths.get("labelSelectorPath", ""))


def follow(registry: Registry, change: Change) -> None:
    """Serve what a change of a definition says; to be called with every change of the store."""
    if change.table != DEFINITIONS.table:
        return
    if change.type == "DELETED":
        registry.forget(change.after.key[1])
    elif change.before is None or change.before.read()["spec"] != change.after.read()["spec"]:
        registry.serve(change.after.key[1], resources(change.after.read()))
