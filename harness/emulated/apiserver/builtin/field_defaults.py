"""What the API types of built-in kinds fill in by themselves, struct by struct, wherever a struct is."""

import copy
from collections.abc import Callable
from typing import Any

from harness.emulated.apiserver.builtin import pod_rules
from harness.emulated.apiserver.kinds.errors import Json


def fill(schema: Json, value: Any) -> None:
    """Fill in the defaults of a value and of all within it."""
    if isinstance(value, list):
        items = schema.get("items") or {}
        for item in value if "properties" in items else ():
            fill(items, item)
    elif isinstance(value, dict) and "properties" in schema:
        for name, default in _DEFAULTS.get(schema.get("struct", ""), {}).items():
            value.setdefault(name, copy.deepcopy(default))
        if make := _MADE.get(schema.get("struct", "")):
            make(value)
        for name, member in value.items():
            fill(schema["properties"].get(name) or {}, member)


def fill_job(spec: Json) -> None:
    """Fill in what a Job itself has, not the template of one."""
    for name, default in _JOB.items():
        spec.setdefault(name, default)
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = spec["parallelism"] = 1
    spec.setdefault("parallelism", 1)
    spec.setdefault("podReplacementPolicy", "Failed" if spec.get("podFailurePolicy") else "TerminatingOrFailed")


def _policy(spec: Json) -> None:
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", *(("Egress",) if spec.get("egress") else ())]


def _replication(spec: Json) -> None:
    labels = (spec.get("template") or {}).get("metadata", {}).get("labels")
    if labels and not spec.get("selector"):
        spec["selector"] = dict(labels)


def _limits(item: Json) -> None:
    if item.get("type") != "Container":
        return
    item["default"] = (item.get("max") or {}) | (item.get("default") or {})
    item["defaultRequest"] = (item.get("min") or {}) | item["default"] | (item.get("defaultRequest") or {})
    for key in ("default", "defaultRequest"):
        if not item[key]:
            del item[key]


def _autoscaler(spec: Json) -> None:
    target = {"type": "Utilization", "averageUtilization": 80}
    if not spec.get("metrics"):
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]


_MADE: dict[str, Callable[[Json], None]] = {
    "core.v1.PodSpec": pod_rules.fill,
    "networking.v1.NetworkPolicySpec": _policy,
    "core.v1.ReplicationControllerSpec": _replication,
    "core.v1.LimitRangeItem": _limits,
    "autoscaling.v2.HorizontalPodAutoscalerSpec": _autoscaler,
}
_JOB = {"backoffLimit": 6, "completionMode": "NonIndexed", "suspend": False}
_DEFAULTS: dict[str, Json] = {
    "batch.v1.CronJobSpec": {
        "concurrencyPolicy": "Allow",
        "suspend": False,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
    },
    "networking.v1.NetworkPolicyPort": {"protocol": "TCP"},
    "core.v1.PersistentVolumeSpec": {"persistentVolumeReclaimPolicy": "Retain", "volumeMode": "Filesystem"},
    "core.v1.PersistentVolumeClaimSpec": {"volumeMode": "Filesystem"},
    "core.v1.EndpointPort": {"protocol": "TCP"},
    "core.v1.ReplicationControllerSpec": {"replicas": 1},
    "core.v1.HostPathVolumeSource": {"type": ""},
    "core.v1.GRPCAction": {"service": ""},
    "discovery.v1.EndpointPort": {"name": "", "protocol": "TCP"},
    "storage.v1.StorageClass": {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"},
    "storage.v1.CSIDriverSpec": {
        "attachRequired": True,
        "podInfoOnMount": False,
        "storageCapacity": False,
        "fsGroupPolicy": "ReadWriteOnceWithFSType",
        "volumeLifecycleModes": ["Persistent"],
        "requiresRepublish": False,
        "seLinuxMount": False,
    },
    "scheduling.v1.PriorityClass": {"preemptionPolicy": "PreemptLowerPriority"},
    "autoscaling.v2.HorizontalPodAutoscalerSpec": {"minReplicas": 1},
    "admissionregistration.v1.ValidatingAdmissionPolicySpec": {"failurePolicy": "Fail"},
}
