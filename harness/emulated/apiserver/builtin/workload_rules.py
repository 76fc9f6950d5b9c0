"""What the server fills into Pods and the kinds that make them, and what it refuses in them."""

from collections.abc import Iterator
from typing import Any

from harness.emulated.apiserver.builtin import pod_rules
from harness.emulated.apiserver.builtin.field_rules import forbidden
from harness.emulated.apiserver.kinds.errors import Json, invalid_value, required, unsupported
from harness.emulated.apiserver.kinds.naming_rules import label_causes

_ROLLING = {"maxUnavailable": "25%", "maxSurge": "25%"}
_TOLERATED = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
TOLERATION_SECONDS = 300
TEMPLATES = "deprecated.daemonset.template.generation"
FIXED_POD = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def fill(kind: str, body: Json, live: Json | None) -> None:
    """Default what the API types themselves default."""
    spec = body["spec"]
    if kind == "Pod":
        spec.setdefault("enableServiceLinks", True)
        pod_rules.fill_pod(spec)
        if live is not None:
            tolerate(body)
        if address := body["status"].get("podIP"):
            body["status"].setdefault("podIPs", [{"ip": address}])
        return
    if kind not in {"DaemonSet", "Job"}:
        spec.setdefault("replicas", 1)
    if kind in {"Deployment", "DaemonSet", "StatefulSet"}:
        spec.setdefault("revisionHistoryLimit", 10)
    if kind == "Deployment":
        _fill_strategy(spec["strategy"])
        spec.setdefault("progressDeadlineSeconds", 600)
    elif kind == "DaemonSet":
        body["metadata"]["annotations"] = (body["metadata"].get("annotations") or {}) | {TEMPLATES: _templates(body, live)}
        spec["updateStrategy"].setdefault("type", "RollingUpdate")
        if spec["updateStrategy"]["type"] == "RollingUpdate":
            rolling = spec["updateStrategy"].setdefault("rollingUpdate", {})
            rolling.setdefault("maxUnavailable", 1)
            rolling.setdefault("maxSurge", 0)
    elif kind == "StatefulSet":
        _fill_stateful(spec)


def _templates(body: Json, live: Json | None) -> str:
    """How many templates a DaemonSet has had."""
    if live is None:
        return "1"
    before = int((live["metadata"].get("annotations") or {}).get(TEMPLATES, 0))
    return str(before + (body["spec"]["template"] != live["spec"]["template"]))


def _fill_strategy(strategy: Json) -> None:
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        strategy["rollingUpdate"] = _ROLLING | (strategy.get("rollingUpdate") or {})


def _fill_stateful(spec: Json) -> None:
    for claim in spec.get("volumeClaimTemplates") or ():
        claim |= {"apiVersion": "v1", "kind": "PersistentVolumeClaim"}
        claim["spec"].setdefault("volumeMode", "Filesystem")
        claim["status"].setdefault("phase", "Pending")
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
    tolerate(body)
    spec |= {"priority": 0, "preemptionPolicy": "PreemptLowerPriority"} | spec
    body["status"] = {"phase": "Pending", "qosClass": pod_rules.class_of(spec)}


def begin_job(body: Json) -> None:
    """The selector of a new Job, and the labels by which its Pods are told from others."""
    spec, meta = body["spec"], body["metadata"]
    if spec.get("manualSelector"):
        return
    prefix = "batch.kubernetes.io/"
    pairs = (("controller-uid", meta["uid"]), ("job-name", meta.get("name", "")))
    labels = {f"{before}{name}": value for name, value in pairs for before in ("", prefix)}
    spec["template"].setdefault("metadata", {})["labels"] = (spec["template"]["metadata"].get("labels") or {}) | labels
    meta["labels"] = (meta.get("labels") or {}) | (spec["template"]["metadata"]["labels"] if "labels" not in meta else {})
    spec["selector"] = {"matchLabels": {f"{prefix}controller-uid": meta["uid"]}}


def tolerate(body: Json) -> None:
    """Let a Pod stay for a while on a node that is not ready, as admission does at every write."""
    spec = body["spec"]
    known = {(each.get("key"), each.get("effect")) for each in spec.get("tolerations") or ()}
    for key in _TOLERATED:
        if not known & {(key, "NoExecute"), (key, None), (None, None)}:
            added = {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": TOLERATION_SECONDS}
            spec["tolerations"] = [*(spec.get("tolerations") or ()), added]


def pod_causes(body: Json, live: Json | None, found: list[Json]) -> list[Json]:
    """What is wrong with a change of a Pod."""
    if live is None and body["spec"].get("ephemeralContainers"):
        return [forbidden("spec.ephemeralContainers", "cannot be set on create")]
    if live is None or found:
        return []
    before, after = live["spec"], body["spec"]
    for key in ("containers", "initContainers"):
        if len(before.get(key) or ()) != len(after.get(key) or ()):
            return [forbidden(f"spec.{key}", "pod updates may not add or remove containers")]
    gone = [each for each in _bare(before) if each not in _bare(after)]
    told = [forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds")] if gone else []
    if _without_images(after) != _without_images(before):
        told.append(forbidden("spec", FIXED_POD))
    return told


def _bare(spec: Json) -> list[Json]:
    return [{key: value for key, value in each.items() if key != "tolerationSeconds"} for each in spec.get("tolerations") or ()]


FIXED_SET = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)
_SET_MAY_CHANGE = (
    *("replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit"),
    *("persistentVolumeClaimRetentionPolicy", "minReadySeconds"),
)
_MAY_CHANGE = ("ephemeralContainers", "activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds")


def _without_images(spec: Json) -> Json:
    plain = {key: value for key, value in spec.items() if key not in _MAY_CHANGE}
    for key in ("containers", "initContainers"):
        plain[key] = [{name: value for name, value in each.items() if name != "image"} for each in spec.get(key) or ()]
    return plain


def causes(kind: str, body: Json, live: Json | None, found: list[Json]) -> list[Json]:
    """What is wrong with a Deployment or one of its like; `found` is what is wrong with its fields."""
    spec: Any = body["spec"]
    template = spec["template"]
    own = list(_selector_causes(kind, spec.get("selector"), template["metadata"].get("labels")))
    before = [each for each in found if each["field"] == "spec.replicas"]
    own = [*before, *own, *(each for each in found if each not in before)]
    own += label_causes(template["metadata"].get("labels") or {}, "spec.template.labels")
    if template["spec"]["restartPolicy"] != "Always":
        own.append(unsupported("spec.template.spec.restartPolicy", template["spec"]["restartPolicy"], ["Always"]))
    own += _strategy_causes(kind, spec)
    own += _status_causes(body.get("status") or {}) if kind == "Deployment" and live else ()
    if live and kind == "StatefulSet" and _fixed(spec) != _fixed(live["spec"]):
        own.append(forbidden("spec", FIXED_SET))
    elif live and spec.get("selector") != live["spec"].get("selector"):
        own.append(invalid_value("spec.selector", spec.get("selector"), "field is immutable"))
    return own


def _fixed(spec: Json) -> Json:
    return {key: value for key, value in spec.items() if key not in _SET_MAY_CHANGE}


_COUNTS = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas", "collisionCount")


def _status_causes(status: Json) -> Iterator[Json]:
    """What a Deployment cannot have counted."""
    for key in ("observedGeneration", *_COUNTS):
        if status.get(key, 0) < 0:
            yield invalid_value(f"status.{key}", status[key], "must be greater than or equal to 0")
    for key in _COUNTS[1:4]:
        if status.get(key, 0) > status.get("replicas", 0):
            yield invalid_value(f"status.{key}", status[key], "cannot be greater than status.replicas")
    if status.get("availableReplicas", 0) > status.get("readyReplicas", 0):
        yield invalid_value("status.availableReplicas", status["availableReplicas"], "cannot be greater than readyReplicas")


def _strategy_causes(kind: str, spec: Json) -> Iterator[Json]:
    name = "strategy" if kind == "Deployment" else "updateStrategy"
    known = ["Recreate", "RollingUpdate"] if kind == "Deployment" else ["OnDelete", "RollingUpdate"]
    strategy = spec.get(name)
    if strategy is None:
        return
    rolling = strategy.get("rollingUpdate")
    if kind == "Deployment" and strategy["type"] == "Recreate" and rolling:
        yield forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")
    elif strategy["type"] not in known and kind == "StatefulSet":
        yield invalid_value(
            f"spec.{name}", {"Type": strategy["type"], "RollingUpdate": rolling}, "must be 'RollingUpdate' or 'OnDelete'"
        )
    elif strategy["type"] not in known:
        yield unsupported(f"spec.{name}", {"Type": strategy["type"], "RollingUpdate": rolling}, known)
    elif rolling and kind == "Deployment" and not (_counts(rolling.get("maxSurge")) or _counts(rolling.get("maxUnavailable"))):
        shown = rolling["maxUnavailable"]
        yield invalid_value("spec.strategy.rollingUpdate.maxUnavailable", shown, "may not be 0 when `maxSurge` is 0")


def _counts(amount: Any) -> bool:
    return str(amount).rstrip("%") not in {"0", "None"}


def _selector_causes(kind: str, selector: Json | None, labels: Json | None) -> list[Json]:
    found = []
    if selector is None:
        found.append(required("spec.selector"))
    elif not selector:
        return [invalid_value("spec.selector", {}, f"empty selector is invalid for {kind.lower()}")]
    wrong = list(pod_rules.causes_of_selector(selector, "spec.selector"))
    if wrong:
        return [*wrong, invalid_value("spec.selector", selector, "invalid label selector")]
    wanted = (selector or {}).get("matchLabels") or {}
    matches = selector is not None and all((labels or {}).get(key) == value for key, value in wanted.items())
    if not matches:
        found.append(invalid_value("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"))
    return found
