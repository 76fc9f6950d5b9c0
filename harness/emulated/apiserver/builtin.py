"""What the server fills in and refuses for built-in kinds; only what labs and their clients rely on."""

import base64
import binascii
from collections.abc import Callable

from harness.emulated.apiserver import definitions
from harness.emulated.apiserver.errors import bad_request, cause, invalid
from harness.emulated.apiserver.kinds import DEFINITIONS, DEPLOYMENTS, NAMESPACES, Json, Resource

Settle = Callable[[Json, Json | None], list[Json]]


def settle(resource: Resource, body: Json, live: Json | None) -> None:
    """Default and check an object of a built-in kind; `live` is None for a new one. Raises ApiError 400 or 422."""
    rule = _RULES.get(resource.kind)
    causes = rule(body, live) if rule else []
    if causes:
        raise invalid(resource.kind, resource.group, body["metadata"]["name"], causes)


def begin(resource: Resource, body: Json) -> None:
    """What the server itself puts into a new object; no manager owns it."""
    if resource is NAMESPACES:
        body["spec"], body["status"] = {"finalizers": ["kubernetes"]}, {"phase": "Active"}
    elif resource is DEFINITIONS:
        definitions.establish(body, {})
    elif resource is DEPLOYMENTS:
        body["status"] = {}
    elif resource.kind == "Pod":
        body["status"] = {"phase": "Pending"}


def _namespace(body: Json, live: Json | None) -> list[Json]:
    if live is not None:
        body["spec"] = live["spec"]
    labels = body["metadata"].get("labels") or {}
    body["metadata"]["labels"] = labels | {"kubernetes.io/metadata.name": body["metadata"]["name"]}
    return []


def _secret(body: Json, live: Json | None) -> list[Json]:
    text = body.pop("stringData", None) or {}
    if text:
        body["data"] = (body.get("data") or {}) | {key: base64.b64encode(value.encode()).decode() for key, value in text.items()}
    _check_base64(body.get("data") or {})
    body.setdefault("type", live["type"] if live else "Opaque")
    if live and live["type"] != body["type"]:
        return [cause("FieldValueInvalid", "type", f'Invalid value: "{body["type"]}": field is immutable')]
    return _immutable_data(body, live)


def _check_base64(data: Json) -> None:
    for value in data.values():
        try:
            base64.b64decode(value or "", validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            raise bad_request(
                'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0'
            ) from error


def _immutable_data(body: Json, live: Json | None) -> list[Json]:
    if not live or not live.get("immutable"):
        return []
    changed = [key for key in ("immutable", "data", "binaryData") if body.get(key) != live.get(key)]
    return [cause("FieldValueForbidden", key, "Forbidden: field is immutable when `immutable` is set") for key in changed]


_STRATEGY = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}}


def _deployment(body: Json, live: Json | None) -> list[Json]:
    spec = body.setdefault("spec", {})
    for key, value in (("replicas", 1), ("strategy", _STRATEGY), ("revisionHistoryLimit", 10), ("progressDeadlineSeconds", 600)):
        if spec.get(key) is None:
            spec[key] = value
    if spec["replicas"] < 0:
        return [
            cause("FieldValueInvalid", "spec.replicas", f"Invalid value: {spec['replicas']}: must be greater than or equal to 0")
        ]
    if live and live["spec"].get("selector") != spec.get("selector"):
        return [cause("FieldValueInvalid", "spec.selector", "Invalid value: field is immutable")]
    return []


_RULES: dict[str, Settle] = {
    "Namespace": _namespace,
    "Secret": _secret,
    "ConfigMap": _immutable_data,
    "Deployment": _deployment,
    "CustomResourceDefinition": definitions.settle,
}
