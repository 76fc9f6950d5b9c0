"""What the server fills in and refuses for built-in kinds; only what labs and their clients rely on."""

import base64
import re
from collections.abc import Callable, Iterator

from harness.emulated.apiserver import definitions, workload_rules
from harness.emulated.apiserver.bodies import Unreadable, parse_json
from harness.emulated.apiserver.errors import Json, cause, invalid_value, required, unsupported
from harness.emulated.apiserver.kinds import DEFINITIONS, NAMESPACES, NODES, PODS, Resource
from harness.emulated.apiserver.service_rules import fill_service, service_causes

Settle = Callable[[Json, Json | None], list[Json]]
WORKLOADS = frozenset({"Deployment", "DaemonSet", "StatefulSet", "ReplicaSet"})
DATA_BYTES_MAX = 1024 * 1024
RBAC = "rbac.authorization.k8s.io"
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


def settle(resource: Resource, body: Json, live: Json | None) -> list[Json]:
    """Default an object of a built-in kind, and what is wrong with it; `live` is None for a new one."""
    if resource.kind in WORKLOADS:
        workload_rules.fill(resource.kind, body)
        return workload_rules.causes(resource.kind, body, live)
    rule = _RULES.get(resource.kind)
    return rule(body, live) if rule else []


def begin(resource: Resource, body: Json) -> None:
    """What the server itself puts into a new object; no manager owns it."""
    if resource is NAMESPACES:
        body["spec"]["finalizers"] = [*dict.fromkeys([*(body["spec"].get("finalizers") or ()), "kubernetes"])]
        body["status"] = {"phase": "Active"}
    elif resource is DEFINITIONS:
        definitions.begin(body)
    elif resource is PODS:
        workload_rules.begin_pod(body)
    elif resource is NODES:
        taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
        body["spec"]["taints"] = [*(each for each in body["spec"].get("taints") or () if each["key"] != taint["key"]), taint]
    elif resource.kind == "Service":
        fill_service(body)
    elif resource.kind == "PersistentVolumeClaim":
        held = body["metadata"].get("finalizers") or ()
        body["metadata"]["finalizers"] = [*dict.fromkeys([*held, "kubernetes.io/pvc-protection"])]
        body["status"] = {"phase": "Pending"}
    elif resource.kind in WORKLOADS:
        body["status"] = _NOTHING_YET.get(resource.kind, {}).copy()


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


def _pod(body: Json, live: Json | None) -> list[Json]:
    workload_rules.fill("Pod", body)
    return workload_rules.pod_causes(body, live)


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
        parse_json(base64.b64decode(value))
    except Unreadable as error:
        yield invalid_value(f"data[{key}]", "<secret contents redacted>", str(error))


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


def _event(body: Json, _: Json | None) -> list[Json]:
    involved, namespace = body.get("involvedObject") or body.get("regarding") or {}, body["metadata"].get("namespace", "")
    wanted = involved.get("namespace") or ("default" if involved.get("kind") in {"Node", "Namespace"} else "")
    if wanted != namespace and not (namespace == "default" and not wanted):
        return [invalid_value("involvedObject.namespace", involved.get("namespace", ""), "does not match event.namespace")]
    return []


def _lease(body: Json, _: Json | None) -> list[Json]:
    seconds = body["spec"].get("leaseDurationSeconds", 1)
    return [] if seconds > 0 else [invalid_value("spec.leaseDurationSeconds", seconds, "must be greater than 0")]


def _node(body: Json, live: Json | None) -> list[Json]:
    body["status"].setdefault("daemonEndpoints", {"kubeletEndpoint": {"Port": 0}})
    if capacity := body["status"].get("capacity"):
        body["status"].setdefault("allocatable", dict(capacity))
    taints = enumerate(body["spec"].get("taints") or ())
    found = [
        unsupported(f"metadata.taints[{at}].effect", each["effect"], _EFFECTS)
        for at, each in taints
        if each["effect"] not in _EFFECTS
    ]
    before, after = ((each or {}).get("spec", {}).get("providerID", "") for each in (live, body))
    if before and before != after:
        why = 'Forbidden: node updates may not change providerID except from "" to valid'
        found.append(cause("FieldValueForbidden", "spec.providerID", why))
    return found


def _claim(body: Json, _: Json | None) -> list[Json]:
    body["spec"].setdefault("volumeMode", "Filesystem")
    return []


def _endpoints(body: Json, _: Json | None) -> list[Json]:
    for port in (port for subset in body.get("subsets") or () for port in subset.get("ports") or ()):
        port.setdefault("protocol", "TCP")
    return []


def _role(body: Json, _: Json | None) -> list[Json]:
    rules = enumerate(body.get("rules") or ())
    return [
        required(f"rules[{at}].verbs", "verbs must contain at least one value") for at, each in rules if not each.get("verbs")
    ]


def _binding(body: Json, live: Json | None) -> list[Json]:
    for subject in body.get("subjects") or ():
        if subject["kind"] in {"User", "Group"}:
            subject["apiGroup"] = subject.get("apiGroup") or RBAC
    body["roleRef"]["apiGroup"] = body["roleRef"].get("apiGroup") or RBAC
    if live and live["roleRef"] != body["roleRef"]:
        shown = {key[0].upper() + key[1:].replace("piGroup", "PIGroup"): value for key, value in body["roleRef"].items()}
        return [invalid_value("roleRef", shown, "cannot change roleRef")]
    return []


def _webhooks(body: Json, _: Json | None) -> list[Json]:
    for hook in body.get("webhooks") or ():
        for key, value in (("failurePolicy", "Fail"), ("matchPolicy", "Equivalent"), ("timeoutSeconds", 10)):
            hook.setdefault(key, value)
        hook.setdefault("namespaceSelector", {})
        hook.setdefault("objectSelector", {})
        for rule in hook.get("rules") or ():
            rule.setdefault("scope", "*")
    return []


_RULES: dict[str, Settle] = {
    "Namespace": _namespace,
    "Secret": _secret,
    "ConfigMap": _config_map,
    "Event": _event,
    "Lease": _lease,
    "Node": _node,
    "PersistentVolumeClaim": _claim,
    "Endpoints": _endpoints,
    "Pod": _pod,
    "Service": service_causes,
    "Role": _role,
    "ClusterRole": _role,
    "RoleBinding": _binding,
    "ClusterRoleBinding": _binding,
    "ValidatingWebhookConfiguration": _webhooks,
    "MutatingWebhookConfiguration": _webhooks,
    "CustomResourceDefinition": definitions.settle,
}
