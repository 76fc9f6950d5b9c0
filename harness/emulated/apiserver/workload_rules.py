"""What the server fills into Pods and the kinds that make them, and what it refuses in them."""

from typing import Any

from harness.emulated.apiserver import pod_rules
from harness.emulated.apiserver.errors import Json, cause, invalid_value, required, unsupported

_ROLLING = {"maxUnavailable": "25%", "maxSurge": "25%"}
_TOLERATED = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
TOLERATION_SECONDS = 300
FIXED_POD = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def fill(kind: str, body: Json) -> None:
    """Default what the API types themselves default."""
    spec = body["spec"]
    if kind == "Pod":
        spec.setdefault("enableServiceLinks", True)
        pod_rules.fill(spec)
        pod_rules.fill_pod(spec)
        if address := body["status"].get("podIP"):
            body["status"].setdefault("podIPs", [{"ip": address}])
        return
    pod_rules.fill(spec["template"]["spec"])
    if kind not in {"DaemonSet", "Job"}:
        spec.setdefault("replicas", 1)
    if kind in {"Deployment", "DaemonSet", "StatefulSet"}:
        spec.setdefault("revisionHistoryLimit", 10)
    if kind == "Deployment":
        _fill_strategy(spec["strategy"])
        spec.setdefault("progressDeadlineSeconds", 600)
    elif kind == "DaemonSet":
        notes = body["metadata"].get("annotations") or {}
        body["metadata"]["annotations"] = notes | {"deprecated.daemonset.template.generation": "1"}
        spec["updateStrategy"].setdefault("type", "RollingUpdate")
        if spec["updateStrategy"]["type"] == "RollingUpdate":
            rolling = spec["updateStrategy"].setdefault("rollingUpdate", {})
            rolling.setdefault("maxUnavailable", 1)
            rolling.setdefault("maxSurge", 0)
    elif kind == "StatefulSet":
        _fill_stateful(spec)


def _fill_strategy(strategy: Json) -> None:
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        strategy["rollingUpdate"] = _ROLLING | (strategy.get("rollingUpdate") or {})


def _fill_stateful(spec: Json) -> None:
    spec.setdefault("podManagementPolicy", "OrderedReady")
    spec["updateStrategy"].setdefault("type", "RollingUpdate")
    if spec["updateStrategy"]["type"] == "RollingUpdate":
        spec["updateStrategy"].setdefault("rollingUpdate", {}).setdefault("partition", 0)
    spec["persistentVolumeClaimRetentionPolicy"] = {"whenDeleted": "Retain", "whenScaled": "Retain"} | (
        spec.get("persistentVolumeClaimRetentionPolicy") or {}
    )


def begin_pod(body: Json) -> None:
    """What admission and the registry add to a new Pod."""
    spec = body["spec"]
    known = {(each.get("key"), each.get("effect")) for each in spec.get("tolerations") or ()}
    for key in _TOLERATED:
        if (key, "NoExecute") not in known and (None, None) not in known:
            added = {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": TOLERATION_SECONDS}
            spec["tolerations"] = [*(spec.get("tolerations") or ()), added]
    spec |= {"priority": 0, "preemptionPolicy": "PreemptLowerPriority"} | spec
    limited = any((each.get("resources") or {}).get("requests") for each in spec.get("containers") or ())
    body["status"] = {"phase": "Pending", "qosClass": "Burstable" if limited else "BestEffort"}


def pod_causes(body: Json, live: Json | None) -> list[Json]:
    """What is wrong with a Pod."""
    found = list(pod_rules.problems(body["spec"], "spec"))
    if live and not found and _without_images(body["spec"]) != _without_images(live["spec"]):
        found.append(cause("FieldValueForbidden", "spec", f"Forbidden: {FIXED_POD}"))
    return found


_MAY_CHANGE = ("activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds")


def _without_images(spec: Json) -> Json:
    plain = {key: value for key, value in spec.items() if key not in _MAY_CHANGE}
    for key in ("containers", "initContainers"):
        plain[key] = [{name: value for name, value in each.items() if name != "image"} for each in spec.get(key) or ()]
    return plain


def causes(kind: str, body: Json, live: Json | None) -> list[Json]:
    """What is wrong with a Deployment or one of its like."""
    spec: Any = body["spec"]
    found = []
    if spec.get("replicas", 0) < 0:
        found.append(invalid_value("spec.replicas", spec["replicas"], "must be greater than or equal to 0"))
    template = spec["template"]
    found += _selector_causes(kind, spec.get("selector"), template["metadata"].get("labels"))
    found += pod_rules.problems(template["spec"], "spec.template.spec")
    if kind != "Job" and template["spec"]["restartPolicy"] != "Always":
        found.append(unsupported("spec.template.spec.restartPolicy", template["spec"]["restartPolicy"], ["Always"]))
    if kind == "Deployment" and spec["strategy"]["type"] == "Recreate" and spec["strategy"].get("rollingUpdate"):
        why = "Forbidden: may not be specified when strategy `type` is 'Recreate'"
        found.append(cause("FieldValueForbidden", "spec.strategy.rollingUpdate", why))
    if live and spec.get("selector") != live["spec"].get("selector"):
        found.append(invalid_value("spec.selector", spec.get("selector"), "field is immutable"))
    return found


def _selector_causes(kind: str, selector: Json | None, labels: Json | None) -> list[Json]:
    found = []
    if selector is None:
        found.append(required("spec.selector"))
    elif not selector:
        return [invalid_value("spec.selector", {}, f"empty selector is invalid for {kind.lower()}")]
    wanted = (selector or {}).get("matchLabels") or {}
    matches = selector is not None and all((labels or {}).get(key) == value for key, value in wanted.items())
    if not matches:
        found.append(invalid_value("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"))
    return found
