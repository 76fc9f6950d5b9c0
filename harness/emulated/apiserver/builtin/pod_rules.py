"""What the server fills into the spec of a Pod, alone or as a template, and what it refuses in one."""

import re
from collections.abc import Iterator
from typing import Any

from harness.emulated.apiserver.builtin.field_rules import (
    Around,
    Rules,
    anything,
    between,
    forbidden,
    needed,
    needed_and,
    one_of,
    shaped,
    spec_around,
)
from harness.emulated.apiserver.builtin.network_rules import address
from harness.emulated.apiserver.kinds.errors import Json, cause, invalid_value, required
from harness.emulated.apiserver.kinds.naming_rules import (
    SUBDOMAIN_MAX,
    label_causes,
    label_name_problems,
    qualified_problems,
    subdomain_problems,
    value_problems,
)

_POD = {
    "restartPolicy": "Always",
    "terminationGracePeriodSeconds": 30,
    "dnsPolicy": "ClusterFirst",
    "schedulerName": "default-scheduler",
}
PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
MODE = 0o644
SECONDS_MAX = 2**31 - 1


def fill(spec: Json) -> None:
    """Default a Pod's spec."""
    for key, value in _POD.items():
        spec.setdefault(key, value)
    spec["terminationGracePeriodSeconds"] = (
        spec["terminationGracePeriodSeconds"] if spec["terminationGracePeriodSeconds"] >= 0 else 1
    )
    spec.setdefault("securityContext", {})
    if account := spec.get("serviceAccountName") or spec.get("serviceAccount"):
        spec["serviceAccountName"] = spec["serviceAccount"] = account
    for container in _containers(spec):
        _fill_container(container)
    for volume in spec.get("volumes") or ():
        _fill_volume(volume)


def fill_pod(spec: Json) -> None:
    """Default what only a Pod itself has, not a template of one."""
    for container in _containers(spec):
        limits = (container.get("resources") or {}).get("limits")
        if limits:
            container["resources"]["requests"] = limits | (container["resources"].get("requests") or {})
        for port in container.get("ports") or () if spec.get("hostNetwork") else ():
            port.setdefault("hostPort", port.get("containerPort", 0))


def _containers(spec: Json) -> list[Json]:
    return [each for key in _CONTAINERS for each in spec.get(key) or ()]


def _fill_container(container: Json) -> None:
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    image = container.get("image", "").rpartition("/")[2]
    latest = image.endswith(":latest") or (":" not in image and "@" not in image)
    container.setdefault("imagePullPolicy", "Always" if latest else "IfNotPresent")
    for name in _PROBES:
        if probe := container.get(name):
            for key, value in PROBE.items():
                probe.setdefault(key, value)
            if "httpGet" in probe:
                probe["httpGet"].setdefault("scheme", "HTTP")
                probe["httpGet"].setdefault("path", "/")
    for each in container.get("env") or ():
        if field := (each.get("valueFrom") or {}).get("fieldRef"):
            field.setdefault("apiVersion", "v1")


def _fill_volume(volume: Json) -> None:
    for kind in ("secret", "configMap", "downwardAPI", "projected"):
        if kind in volume:
            volume[kind].setdefault("defaultMode", MODE)
    if len(volume) == 1:
        volume["emptyDir"] = {}


def class_of(spec: Json) -> str:
    """The quality of service of a Pod: by what its containers ask for, and may have at the most."""
    named = [(each.get("resources") or {}) for each in _containers(spec)]
    kept = [({key: found.get(key) or {} for key in ("requests", "limits")}) for found in named]
    if not any(each["requests"] or each["limits"] for each in kept):
        return "BestEffort"
    whole = all({"cpu", "memory"} <= each["limits"].keys() and each["requests"] == each["limits"] for each in kept)
    return "Guaranteed" if whole else "Burstable"


_VOLUMES = (
    *("emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi", "glusterfs"),
    *("flocker", "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc", "configMap", "azureFile"),
    *(
        "vsphereVolume",
        "photonPersistentDisk",
        "portworxVolume",
        "azureDisk",
        "storageos",
        "projected",
        "scaleIO",
        "csi",
        "ephemeral",
    ),
)


def _place_of_volume(kind: str) -> int:
    return _VOLUMES.index(kind) if kind in _VOLUMES else len(_VOLUMES)


def _volumes(volumes: Any, path: str, _: Around) -> Iterator[Json]:
    seen: set[str] = set()
    for index, volume in enumerate(volumes or ()):
        where, name = f"{path}[{index}]", volume.get("name") or ""
        for kind in sorted((key for key in volume if key != "name"), key=_place_of_volume)[1:]:
            yield forbidden(f"{where}.{kind}", "may not specify more than 1 volume type")
        if not name:
            yield required(f"{where}.name")
        yield from (invalid_value(f"{where}.name", name, why) for why in label_name_problems(name) if name)
        if name and name in seen:
            yield cause("FieldValueDuplicate", f"{where}.name", f'Duplicate value: "{name}"')
        seen.add(name)


def _labels(labels: Any, path: str, _: Around) -> Iterator[Json]:
    yield from label_causes(labels or {}, path)


def _toleration(operator: Any, path: str, around: Around) -> Iterator[Json]:
    each = around[-1]
    if not each.get("key") and operator != "Exists":
        why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
        yield invalid_value(path, operator or "", why)
    if each.get("tolerationSeconds") is not None and each.get("effect") != "NoExecute":
        why = "effect must be 'NoExecute' when `tolerationSeconds` is set"
        yield invalid_value(path.replace("operator", "effect"), each.get("effect") or "", why)
    if operator == "Exists" and each.get("value"):
        yield invalid_value(path, each["value"], "value must be empty when `operator` is 'Exists'")
    elif operator in {None, "", "Equal"} and (found := value_problems(each.get("value") or "")):
        yield invalid_value(path, each["value"], ";".join(found))
    elif operator not in {None, "", "Equal", "Exists", "Gt", "Lt"}:
        yield from one_of("Equal", "Exists")(operator, path, around)


def _token(token: Any, path: str, around: Around) -> Iterator[Json]:
    if token is not None and path.startswith("spec.volumes") and not spec_around(around).get("serviceAccountName"):
        yield forbidden(path, "must not be specified when serviceAccountName is not set")


def _no_way_up(text: Any, path: str, _: Around) -> Iterator[Json]:
    if ".." in text.split("/"):
        yield invalid_value(path, text, "must not contain '..'")


def _addresses(texts: Any, path: str, around: Around) -> Iterator[Json]:
    for at, each in enumerate(texts or ()):
        yield from address(each, f"{path}[{at}]", around)


def _terms(terms: Any, path: str, _: Around) -> Iterator[Json]:
    if not terms:
        yield required(path, "must have at least one node selector term")


def _skew(skew: Any, path: str, _: Around) -> Iterator[Json]:
    if (skew or 0) <= 0:
        yield invalid_value(path, skew or 0, "must be greater than zero")


def _topology(key: Any, path: str, _: Around) -> Iterator[Json]:
    if not key:
        yield required(path, "can not be empty")


_SYSCTL = r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?"


def _sysctl(name: Any, path: str, _: Around) -> Iterator[Json]:
    if len(name) > SUBDOMAIN_MAX or not re.fullmatch(_SYSCTL, name):
        yield invalid_value(path, name, f"must have at most {SUBDOMAIN_MAX} characters and match regex ^{_SYSCTL}$")


_IDENTITIES = {name: between(0, SECONDS_MAX) for name in ("runAsUser", "runAsGroup", "fsGroup")}
RULES: Rules = {
    "core.v1.PodSpec": {
        "volumes": _volumes,
        "containers": needed,
        "initContainers": anything,
        "restartPolicy": one_of("Always", "OnFailure", "Never"),
        "dnsPolicy": one_of("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"),
        "nodeSelector": _labels,
        "serviceAccountName": shaped(subdomain_problems),
        "nodeName": shaped(subdomain_problems),
        "activeDeadlineSeconds": between(1, SECONDS_MAX),
        "hostname": shaped(label_name_problems),
        "subdomain": shaped(label_name_problems),
        "tolerations": anything,
        "dnsConfig": anything,
        "priorityClassName": shaped(subdomain_problems),
        "runtimeClassName": shaped(subdomain_problems),
        "preemptionPolicy": one_of("PreemptLowerPriority", "Never"),
    },
    "core.v1.Toleration": {
        "key": shaped(qualified_problems),
        "operator": _toleration,
        "effect": one_of("NoSchedule", "PreferNoSchedule", "NoExecute"),
    },
    "core.v1.ConfigMapVolumeSource": {"name": needed},
    "core.v1.SecretVolumeSource": {"secretName": needed},
    "core.v1.PersistentVolumeClaimVolumeSource": {"claimName": needed},
    "core.v1.HostPathVolumeSource": {"path": needed_and(_no_way_up)},
    "core.v1.PodDNSConfig": {"nameservers": _addresses},
    "core.v1.NodeSelector": {"nodeSelectorTerms": _terms},
    "core.v1.TopologySpreadConstraint": {
        "maxSkew": _skew,
        "topologyKey": _topology,
        "whenUnsatisfiable": one_of("DoNotSchedule", "ScheduleAnyway"),
    },
    "core.v1.Sysctl": {"name": needed_and(_sysctl)},
    "core.v1.VolumeProjection": {"serviceAccountToken": _token},
    "core.v1.PodSecurityContext": _IDENTITIES,
    "core.v1.SecurityContext": _IDENTITIES,
}
"""By struct and field, in upstream's order."""


def causes_of_selector(selector: Json | None, path: str) -> Iterator[Json]:
    """What is wrong with a selector of labels."""
    yield from label_causes((selector or {}).get("matchLabels") or {}, f"{path}.matchLabels")
    for index, each in enumerate((selector or {}).get("matchExpressions") or ()):
        where, operator, values = f"{path}.matchExpressions[{index}]", each.get("operator"), each.get("values") or []
        if operator in {"In", "NotIn"} and not values:
            yield required(f"{where}.values", "must be specified when `operator` is 'In' or 'NotIn'")
        elif operator in {"Exists", "DoesNotExist"} and values:
            yield forbidden(f"{where}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
        elif operator not in {"In", "NotIn", "Exists", "DoesNotExist"}:
            yield invalid_value(f"{where}.operator", operator or "", "not a valid selector operator")
        yield from (invalid_value(f"{where}.key", each.get("key", ""), why) for why in qualified_problems(each.get("key", "")))
