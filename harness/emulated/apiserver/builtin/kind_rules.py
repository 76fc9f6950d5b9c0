"""What is refused in the fields of built-in kinds other than Pods: batch, storage, network, policy, RBAC and the rest."""

import base64
import re
from collections.abc import Iterator
from typing import Any

from harness.emulated.apiserver.builtin.field_rules import (
    Around,
    Rules,
    anything,
    at_least,
    between,
    both,
    forbidden,
    needed,
    needed_and,
    one_of,
    shaped,
)
from harness.emulated.apiserver.builtin.pod_rules import SECONDS_MAX, causes_of_selector
from harness.emulated.apiserver.kinds.errors import Json, invalid_value, required, unsupported
from harness.emulated.apiserver.kinds.naming_rules import (
    path_segment_problems,
    subdomain_problems,
)
from harness.emulated.apiserver.kinds.quantities import amount

_CRON_FIELD = re.compile(
    r"(\*|\?|\d+(-\d+)?|[A-Za-z]{3}(-[A-Za-z]{3})?)(/\d+)?(,(\d+(-\d+)?|[A-Za-z]{3}(-[A-Za-z]{3})?)(/\d+)?)*"
)
_CRON_NAMES = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})


def _schedule(text: Any, path: str, _: Around) -> Iterator[Json]:
    fields = (text or "").split()
    if not text:
        yield required(path)
    elif text in _CRON_NAMES or text.startswith("@every "):
        return
    elif len(fields) != 5:
        yield invalid_value(path, text, f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]")
    elif wrong := next((each for each in fields if not _CRON_FIELD.fullmatch(each)), None):
        yield invalid_value(path, text, f'failed to parse int from {wrong}: strconv.Atoi: parsing "{wrong}": invalid syntax')


def _restarts(policy: Any, path: str, _: Around) -> Iterator[Json]:
    if policy in {None, "", "Always"}:
        yield required(path, 'valid values: "OnFailure", "Never"')
    elif policy not in {"OnFailure", "Never"}:
        yield unsupported(path, policy, ["OnFailure", "Never"])


def _job_template(template: Any, path: str, around: Around) -> Iterator[Json]:
    yield from _restarts((template or {}).get("spec", {}).get("restartPolicy"), f"{path}.spec.restartPolicy", around)


def _storage(resources: Any, path: str, _: Around) -> Iterator[Json]:
    asked = ((resources or {}).get("requests") or {}).get("storage")
    if asked is None:
        yield required(f"{path}[storage]")
    elif amount(asked) <= 0:
        yield invalid_value(f"{path}[storage]", asked, "must be greater than zero")


def _volume_spec(spec: Any, path: str, _: Around) -> Iterator[Json]:
    own = (
        "accessModes",
        "capacity",
        "persistentVolumeReclaimPolicy",
        "volumeMode",
        "claimRef",
        "storageClassName",
        "mountOptions",
        "nodeAffinity",
    )
    for key in ("accessModes", "capacity"):
        if not (spec or {}).get(key):
            yield required(f"{path}.{key}")
    if "storage" not in ((spec or {}).get("capacity") or {}):
        yield unsupported(f"{path}.capacity", (spec or {}).get("capacity"), ["storage"])
    if not (spec or {}).keys() - own:
        yield required(path, "must specify a volume type")


def _modes(modes: Any, path: str, _: Around) -> Iterator[Json]:
    known = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]
    if not modes:
        yield required(path, "at least 1 access mode is required")
    yield from (unsupported(path, each, known) for each in modes or () if each not in known)


def _deadline(seconds: Any, path: str, around: Around) -> Iterator[Json]:
    yield from at_least(0)(seconds, path, around)
    if seconds is not None and seconds <= (around[-1].get("minReadySeconds") or 0):
        yield invalid_value(path, seconds, "must be greater than minReadySeconds")


def _amount_or_percent(value: Any, path: str, _: Around) -> Iterator[Json]:
    if isinstance(value, int) and value < 0:
        yield invalid_value(path, value, "must be greater than or equal to 0")
    elif isinstance(value, str) and not re.fullmatch("[0-9]+%", value):
        says = "a valid percent string must be a numeric string followed by an ending '%'"
        yield invalid_value(path, value, f"{says} (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')")


def _not_above_all(value: Any, path: str, _: Around) -> Iterator[Json]:
    if isinstance(value, str) and re.fullmatch("[0-9]+%", value) and int(value[:-1]) > 100:
        yield invalid_value(path, value, "must not be greater than 100%")


def _management(policy: Any, path: str, _: Around) -> Iterator[Json]:
    if policy not in {"OrderedReady", "Parallel"}:
        yield invalid_value(path, policy, "must be 'OrderedReady' or 'Parallel'")


def _limit_range(asked: Any, path: str, around: Around) -> Iterator[Json]:
    for name, least in sorted((asked or {}).items()):
        most = (around[-1].get("default") or {}).get(name)
        if most is not None and amount(least) > amount(most):
            yield invalid_value(
                f"{path}[{name}]", least, f"default request value {least} is greater than default limit value {most}"
            )


def _scaled(target: Any, path: str, _: Around) -> Iterator[Json]:
    if "/" not in ((target or {}).get("apiVersion") or "") and (target or {}).get("kind") != "ReplicationController":
        yield invalid_value(f"{path}.apiVersion", target.get("apiVersion") or "", "apiVersion must specify API group")


def _signed(request: Any, path: str, _: Around) -> Iterator[Json]:
    if b"-----BEGIN CERTIFICATE REQUEST-----" not in base64.b64decode(request or ""):
        yield invalid_value(path, request or "", "PEM block type must be CERTIFICATE REQUEST")


def _policy_rule(verbs: Any, path: str, around: Around) -> Iterator[Json]:
    rule, where = around[-1], path.rpartition(".")[0]
    if not verbs:
        yield required(path, "verbs must contain at least one value")
    if rule.get("nonResourceURLs"):
        if any(rule.get(key) for key in ("apiGroups", "resources", "resourceNames")):
            why = "rules cannot apply to both regular resources and non-resource URLs"
            yield invalid_value(f"{where}.nonResourceURLs", rule["nonResourceURLs"], why)
        return
    for key, what in (("apiGroups", "api group"), ("resources", "resource")):
        if not rule.get(key):
            yield required(f"{where}.{key}", f"resource rules must supply at least one {what}")


def _role_name(name: Any, path: str, _: Around) -> Iterator[Json]:
    yield from (invalid_value(path, name, why) for why in path_segment_problems(name))


def _quantities(amounts: Any, path: str, _: Around) -> Iterator[Json]:
    for name, each in sorted((amounts or {}).items()):
        if amount(each) < 0:
            yield invalid_value(f"{path}[{name}]", each, "must be greater than or equal to 0")


def _disruption(spec: Any, path: str, _: Around) -> Iterator[Json]:
    if spec and spec.get("minAvailable") is not None and spec.get("maxUnavailable") is not None:
        shown = {name: spec.get(name[0].lower() + name[1:]) for name in ("MinAvailable", "Selector", "MaxUnavailable")}
        whole = shown | {"UnhealthyPodEvictionPolicy": spec.get("unhealthyPodEvictionPolicy")}
        yield invalid_value(path, whole, "minAvailable and maxUnavailable cannot be both set")


def _replicas_most(most: Any, path: str, around: Around) -> Iterator[Json]:
    least = around[-1].get("minReplicas") or 0
    if not most:
        yield required(path, "must be set and greater than 0")
    elif most < 1:
        yield invalid_value(path, most, "must be greater than 0")
    if (most or 0) < least:
        yield invalid_value(path, most or 0, "must be greater than or equal to `minReplicas`")


def _priority(value: Any, path: str, around: Around) -> Iterator[Json]:
    if around[-1].get("metadata", {}).get("name", "").startswith("system-"):
        yield forbidden("metadata.name", "priority class names with 'system-' prefix are reserved for system use only")
    elif (value or 0) > 1_000_000_000:
        yield forbidden(path, "maximum allowed value of a user defined priority is 1000000000")


_TCP = ["SCTP", "TCP", "UDP"]
RULES: Rules = {
    "batch.v1.JobSpec": {
        **{
            name: at_least(0)
            for name in ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished")
        },
        "completionMode": one_of("NonIndexed", "Indexed"),
        "template": _job_template,
    },
    "batch.v1.CronJobSpec": {
        "schedule": _schedule,
        "startingDeadlineSeconds": at_least(0),
        "concurrencyPolicy": one_of("Allow", "Forbid", "Replace"),
        "jobTemplate": anything,
        "successfulJobsHistoryLimit": at_least(0),
        "failedJobsHistoryLimit": at_least(0),
    },
    "apps.v1.DeploymentSpec": {
        **{name: at_least(0) for name in ("replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds")},
        "strategy": anything,
        "progressDeadlineSeconds": _deadline,
    },
    "apps.v1.ReplicaSetSpec": {name: at_least(0) for name in ("replicas", "minReadySeconds")},
    "apps.v1.StatefulSetSpec": {
        "podManagementPolicy": _management,
        **{name: at_least(0) for name in ("replicas", "minReadySeconds", "revisionHistoryLimit")},
    },
    "apps.v1.DaemonSetSpec": {name: at_least(0) for name in ("minReadySeconds", "revisionHistoryLimit")},
    "apps.v1.DeploymentStrategy": {"type": anything},
    "apps.v1.RollingUpdateDeployment": {"maxUnavailable": _amount_or_percent, "maxSurge": _amount_or_percent},
    "apps.v1.StatefulSetUpdateStrategy": {"type": anything},
    "apps.v1.DaemonSetUpdateStrategy": {"type": anything},
    "core.v1.ReplicationControllerSpec": {name: at_least(0) for name in ("replicas", "minReadySeconds")},
    "core.v1.PersistentVolumeClaimSpec": {
        "accessModes": _modes,
        "resources": _storage,
        "storageClassName": shaped(subdomain_problems),
        "volumeMode": one_of("Block", "Filesystem"),
    },
    "core.v1.PersistentVolume": {"spec": _volume_spec},
    "core.v1.ServicePort": {"protocol": one_of(*_TCP), "name": anything},
    "core.v1.ServiceSpec": {"type": anything, "sessionAffinity": one_of("ClientIP", "None")},
    "core.v1.ResourceQuotaSpec": {"hard": _quantities},
    "core.v1.Taint": {"key": anything, "effect": anything},
    "core.v1.LimitRangeItem": {"defaultRequest": _limit_range},
    "policy.v1.PodDisruptionBudgetSpec": {
        **dict.fromkeys(("minAvailable", "maxUnavailable"), both(_amount_or_percent, _not_above_all)),
        "selector": lambda value, path, _: causes_of_selector(value, path),
    },
    "policy.v1.PodDisruptionBudget": {"spec": _disruption},
    "rbac.v1.PolicyRule": {"verbs": _policy_rule},
    "rbac.v1.RoleRef": {
        "apiGroup": one_of("rbac.authorization.k8s.io"),
        "kind": one_of("Role", "ClusterRole"),
        "name": needed_and(_role_name),
    },
    "rbac.v1.Subject": {"name": needed, "kind": one_of("ServiceAccount", "User", "Group")},
    "coordination.v1.LeaseSpec": {"leaseDurationSeconds": at_least(1), "leaseTransitions": at_least(0)},
    "autoscaling.v2.HorizontalPodAutoscalerSpec": {
        "minReplicas": at_least(1),
        "maxReplicas": _replicas_most,
        "scaleTargetRef": _scaled,
    },
    "autoscaling.v2.MetricSpec": {"type": one_of("ContainerResource", "External", "Object", "Pods", "Resource")},
    "autoscaling.v2.CrossVersionObjectReference": {"kind": needed, "name": needed},
    "storage.v1.StorageClass": {"provisioner": needed},
    "scheduling.v1.PriorityClass": {"value": _priority},
    "node.v1.RuntimeClass": {"handler": needed},
    "certificates.v1.CertificateSigningRequestSpec": {"request": _signed},
    "authentication.v1.TokenRequestSpec": {"expirationSeconds": between(600, SECONDS_MAX)},
}
"""By struct and field, in upstream's order."""
