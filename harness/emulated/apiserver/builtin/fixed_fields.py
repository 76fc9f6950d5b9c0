"""What may not change in an object of a built-in kind once it is there."""

from typing import Any

from harness.emulated.apiserver.builtin.field_rules import forbidden
from harness.emulated.apiserver.kinds.errors import Json, invalid_value

_IMMUTABLE: dict[str, tuple[str, ...]] = {
    "StorageClass": ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"),
    "EndpointSlice": ("addressType",),
    "RuntimeClass": ("handler",),
    "IngressClass": ("spec.controller",),
    "ControllerRevision": ("data",),
    "CSIDriver": ("spec.attachRequired", "spec.fsGroupPolicy", "spec.volumeLifecycleModes"),
    "VolumeAttributesClass": ("driverName", "parameters"),
    "ResourceClaim": ("spec",),
}
_FORBIDDEN: dict[str, dict[str, str]] = {"PriorityClass": {"value": "may not be changed in an update."}}


def changes(kind: str, body: Json, live: Json) -> list[Json]:
    """The causes for fields that have changed."""
    found = [
        invalid_value(path, _at(body, path), "field is immutable")
        for path in _IMMUTABLE.get(kind, ())
        if _at(body, path) != _at(live, path)
    ]
    if kind == "PersistentVolume" and _source(body) != _source(live):
        found.append(forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation"))
    told = _FORBIDDEN.get(kind, {}).items()
    return found + [forbidden(path, why) for path, why in told if _at(body, path) != _at(live, path)]


def _at(body: Any, path: str) -> Any:
    for step in path.split("."):
        body = (body or {}).get(step)
    return body


_BESIDE_SOURCE = frozenset(
    {"accessModes", "capacity", "persistentVolumeReclaimPolicy", "volumeMode", "claimRef", "storageClassName", "mountOptions"}
    | {"nodeAffinity", "volumeAttributesClassName"}
)


def _source(body: Json) -> Json:
    """What a volume is made of."""
    return {name: value for name, value in body["spec"].items() if name not in _BESIDE_SOURCE}
