"""What the server fills in and refuses for built-in kinds; only what labs and their clients rely on."""

import base64
import re
from collections.abc import Callable, Iterator

from harness.emulated.apiserver.builtin import (
    container_rules,
    field_defaults,
    fixed_fields,
    kind_rules,
    network_rules,
    pod_rules,
    workload_rules,
)
from harness.emulated.apiserver.builtin.event_rules import event_causes
from harness.emulated.apiserver.builtin.field_rules import field_causes, forbidden
from harness.emulated.apiserver.builtin.role_rules import binding_causes, role_causes
from harness.emulated.apiserver.builtin.service_rules import fill_service, service_causes
from harness.emulated.apiserver.builtin.webhook_rules import webhook_causes
from harness.emulated.apiserver.custom import definitions
from harness.emulated.apiserver.kinds.errors import Json, cause, invalid_value, required, shown, unsupported
from harness.emulated.apiserver.kinds.formats import is_cidr
from harness.emulated.apiserver.kinds.naming_rules import qualified_problems
from harness.emulated.apiserver.kinds.registry import ServedResource
from harness.emulated.apiserver.wire.bodies import InvalidJsonError, parse_json, unmappable

Settle = Callable[[Json, Json | None], list[Json]]
WORKLOADS = frozenset({"Deployment", "DaemonSet", "StatefulSet", "ReplicaSet"})
DATA_BYTES_MAX = 1024 * 1024
_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_KEY_SAYS = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' "
    f"(e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '{_KEY.pattern}')"
)
_SECRET_KEYS = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}
_EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"]


def settle(resource: ServedResource, body: Json, live: Json | None) -> list[Json]:
    """Default an object of a built-in kind, and what is wrong with it; `live` is None for a new one."""
    for name, value in body.items():
        if name not in _APART:
            field_defaults.fill(resource.schema["properties"].get(name) or {}, value)
    field_defaults.fill(resource.schema | {"properties": {}}, body)
    if resource.kind in WORKLOADS:
        workload_rules.fill(resource.kind, body, live)
        return workload_rules.causes(resource.kind, body, live, _of_fields(resource, body))
    if resource.kind == "Pod":
        workload_rules.fill("Pod", body, live)
        found = _of_fields(resource, body)
        return [*found, *workload_rules.pod_causes(body, live, found)]
    rule = _RULES.get(resource.kind)
    own = [*(rule(body, live) if rule else ()), *(fixed_fields.changes(resource.kind, body, live) if live else ())]
    return [*own, *(each for each in _of_fields(resource, body) if each not in own)]


_FIELD_RULES = pod_rules.RULES | container_rules.RULES | kind_rules.RULES | network_rules.RULES
_APART = frozenset({"apiVersion", "kind", "metadata", "status"})


def _of_fields(resource: ServedResource, body: Json) -> list[Json]:
    named = {name: value for name, value in body.items() if name not in _APART}
    return list(field_causes(_FIELD_RULES, resource.schema, named, ""))


def begin(resource: ServedResource, body: Json) -> None:
    """What the server itself puts into a new object; no manager owns it."""
    if resource.kind in WORKLOADS:
        body["status"] = _NOTHING_YET.get(resource.kind, {}).copy()
    elif begun := _BEGUN.get(resource.kind):
        begun(body)


def _begin_namespace(body: Json) -> None:
    body["spec"]["finalizers"] = [*dict.fromkeys([*(body["spec"].get("finalizers") or ()), "kubernetes"])]
    body["status"] = {"phase": "Active"}


def _begin_node(body: Json) -> None:
    if address := body["spec"].get("podCIDR"):
        body["spec"].setdefault("podCIDRs", [address])
    taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    body["spec"]["taints"] = [*(each for each in body["spec"].get("taints") or () if each["key"] != taint["key"]), taint]


def _begin_volume(body: Json) -> None:
    _hold(body, "kubernetes.io/pv-protection")
    body["status"] = {"phase": "Pending", "lastPhaseTransitionTime": body["metadata"]["creationTimestamp"]}


def _begin_claim(body: Json) -> None:
    _hold(body, "kubernetes.io/pvc-protection")
    body["status"] = {"phase": "Pending"}


_BEGUN: dict[str, Callable[[Json], None]] = {
    "Namespace": _begin_namespace,
    "CustomResourceDefinition": definitions.begin,
    "Pod": workload_rules.begin_pod,
    "Job": workload_rules.begin_job,
    "Node": _begin_node,
    "Service": fill_service,
    "PersistentVolume": _begin_volume,
    "PersistentVolumeClaim": _begin_claim,
}


def _hold(body: Json, finalizer: str) -> None:
    held = body["metadata"].get("finalizers") or ()
    body["metadata"]["finalizers"] = [*dict.fromkeys([*held, finalizer])]


_NOTHING_YET: dict[str, Json] = {
    "StatefulSet": {"replicas": 0, "availableReplicas": 0},
    "ReplicaSet": {"replicas": 0},
    "DaemonSet": {"currentNumberScheduled": 0, "numberMisscheduled": 0, "desiredNumberScheduled": 0, "numberReady": 0},
}


def _namespace(body: Json, live: Json | None) -> list[Json]:
    if live is not None:
        body["spec"] = live["spec"]
    labels = body["metadata"].get("labels") or {}
    body["metadata"]["labels"] = labels | {"kubernetes.io/metadata.name": body["metadata"].get("name", "")}
    phase, wanted = body["status"].get("phase", "Active"), "Terminating" if "deletionTimestamp" in body["metadata"] else "Active"
    if live is not None and phase != wanted:
        when = "not empty" if wanted == "Terminating" else "empty"
        return [invalid_value("status.Phase", phase, f"may only be '{wanted}' if `deletionTimestamp` is {when}")]
    unqualified = [name for name in body["spec"].get("finalizers") or () if "/" not in name and name != "kubernetes"]
    why = "name is neither a standard finalizer name nor is it fully qualified"
    return [invalid_value("spec.finalizers", name, why) for name in unqualified]


def _secret(body: Json, live: Json | None) -> list[Json]:
    text = body.pop("stringData", None) or {}
    if text:
        body["data"] = (body.get("data") or {}) | {key: base64.b64encode(value.encode()).decode() for key, value in text.items()}
    body["data"] = {key: value or "" for key, value in (body.get("data") or {}).items()}
    if not body["data"]:
        del body["data"]
    body.setdefault("type", "Opaque")
    if live and live["type"] != body["type"]:
        return [invalid_value("type", body["type"], "field is immutable")]
    return [*_data_causes(body, ("data",)), *_secret_causes(body), *_immutable_data(body, live)]


def _secret_causes(body: Json) -> Iterator[Json]:
    kind, data = body["type"], body.get("data") or {}
    if kind == "kubernetes.io/service-account-token":
        name = "kubernetes.io/service-account.name"
        if not (body["metadata"].get("annotations") or {}).get(name):
            yield required(f"metadata.annotations[{name}]")
    if kind == "kubernetes.io/basic-auth" and not data.keys() & {"username", "password"}:
        yield from (required(f"data[{key}]") for key in ("username", "password"))
    for key in _SECRET_KEYS.get(kind, ()):
        if key not in data:
            yield required(f"data[{key}]")
        elif key.startswith("."):
            yield from _json_causes(key, data[key])


def _json_causes(key: str, value: str) -> Iterator[Json]:
    try:
        found = parse_json(base64.b64decode(value)).value
        wrong = "" if isinstance(found, dict) or found is None else unmappable(found)
    except InvalidJsonError as error:
        wrong = str(error)
    if wrong:
        yield invalid_value(f"data[{key}]", "<secret contents redacted>", wrong)


def _data_causes(body: Json, fields: tuple[str, ...]) -> Iterator[Json]:
    """Bad keys, and more data than an object may have."""
    total = 0
    for field in fields:
        for key, value in (body.get(field) or {}).items():
            total += len(value.encode()) if fields == ("data", "binaryData") and field == "data" else len(value) * 3 // 4
            if not _KEY.fullmatch(key):
                yield invalid_value(f"{field}[{key}]", key, _KEY_SAYS)
            if field == "data" and key in (body.get("binaryData") or {}):
                yield invalid_value(f"data[{key}]", key, "duplicate of key present in binaryData")
    if total > DATA_BYTES_MAX:
        of_secret = fields == ("data",)
        yield cause("FieldValueTooLong", "data" if of_secret else "[]", f"Too long: may not be more than {DATA_BYTES_MAX} bytes")


def _config_map(body: Json, live: Json | None) -> list[Json]:
    return [*_data_causes(body, ("data", "binaryData")), *_immutable_data(body, live)]


def _immutable_data(body: Json, live: Json | None) -> list[Json]:
    if not live or not live.get("immutable"):
        return []
    changed = [key for key in ("immutable", "data", "binaryData") if body.get(key) != live.get(key)]
    return [cause("FieldValueForbidden", key, "Forbidden: field is immutable when `immutable` is set") for key in changed]


def _node(body: Json, live: Json | None) -> list[Json]:
    body["status"].setdefault("daemonEndpoints", {"kubeletEndpoint": {"Port": 0}})
    if capacity := body["status"].get("capacity"):
        body["status"].setdefault("allocatable", dict(capacity))
    found = list(_taint_causes(body["spec"].get("taints") or []))
    if address := body["spec"].get("podCIDR"):
        body["spec"].setdefault("podCIDRs", [address])
        found += [] if is_cidr(address) else [invalid_value("spec.podCIDRs[0]", address, network_rules.CIDR_SAYS)]
    if live and live["spec"].get("podCIDR") and live["spec"]["podCIDR"] != address:
        found.append(forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid'))
    before, after = ((each or {}).get("spec", {}).get("providerID", "") for each in (live, body))
    if before and before != after:
        why = 'Forbidden: node updates may not change providerID except from "" to valid'
        found.append(cause("FieldValueForbidden", "spec.providerID", why))
    # An update is checked as a new Node, too, and its taints so told twice.
    return [*found, *(each for each in found if live and each["field"].startswith("metadata."))]


def _taint_causes(taints: list[Json]) -> Iterator[Json]:
    seen = []
    for at, each in enumerate(taints):
        where, mark = f"metadata.taints[{at}]", (each.get("key"), each.get("effect"))
        yield from (invalid_value(f"{where}.key", each.get("key", ""), why) for why in qualified_problems(each.get("key", "")))
        if not each.get("effect"):
            yield required(f"{where}.effect")
        elif each["effect"] not in _EFFECTS:
            yield unsupported(f"{where}.effect", each["effect"], _EFFECTS)
        if mark in seen:
            told = {"Key": mark[0], "Value": each.get("value", ""), "Effect": mark[1], "TimeAdded": each.get("timeAdded")}
            yield cause(
                "FieldValueDuplicate", where, f"Duplicate value: {shown(told)}: taints must be unique by key and effect pair"
            )
        seen.append(mark)


def _claim(body: Json, live: Json | None) -> list[Json]:
    before, after = (_unsized((each or body)["spec"]) for each in (live, body))
    if before == after:
        return []
    why = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
    return [forbidden("spec", why)]


def _unsized(spec: Json) -> Json:
    return {key: value for key, value in spec.items() if key not in {"resources", "volumeAttributesClassName"}}


def _job(body: Json, live: Json | None) -> list[Json]:
    spec = body["spec"]
    field_defaults.fill_job(spec)
    if live is None:
        spec.setdefault("manualSelector", False)
        return []
    fixed = ("selector", "template", "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy")
    changed = [key for key in ("completions", *fixed) if spec.get(key) != live["spec"].get(key)]
    if "completions" in changed and spec.get("completionMode") == "Indexed":
        changed.remove("completions")
    return [invalid_value(f"spec.{key}", spec.get(key), "field is immutable") for key in changed]


def _replication(body: Json, live: Json | None) -> list[Json]:
    labels = ((body["spec"].get("template") or {}).get("metadata") or {}).get("labels")
    if labels and not body["metadata"].get("labels") and live is None:
        body["metadata"]["labels"] = dict(labels)
    return []


def _lease(body: Json, _: Json | None) -> list[Json]:
    for key in ("strategy", "preferredHolder"):
        body["spec"].pop(key, None)
    return []


_RULES: dict[str, Settle] = {
    "Namespace": _namespace,
    "Secret": _secret,
    "ConfigMap": _config_map,
    "Event": event_causes,
    "Lease": _lease,
    "Node": _node,
    "PersistentVolumeClaim": _claim,
    "Job": _job,
    "ReplicationController": _replication,
    "Service": service_causes,
    "Role": role_causes,
    "RoleBinding": binding_causes,
    "ClusterRoleBinding": binding_causes,
    "ValidatingWebhookConfiguration": webhook_causes,
    "MutatingWebhookConfiguration": webhook_causes,
    "CustomResourceDefinition": definitions.settle,
}
