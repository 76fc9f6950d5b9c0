"""Defaults and validation of Pod specs, in Pods and in the templates of Deployments."""

from collections.abc import Iterator
from typing import Any

from harness.emulated.apiserver.builtin.field_rules import (
    Around,
    Rules,
    between,
    each_of,
    needed,
    needed_and,
    one_of,
    shaped,
)
from harness.emulated.apiserver.kinds.errors import Json, cause, forbidden_cause
from harness.emulated.apiserver.kinds.naming_rules import label_name_problems, subdomain_problems

_POD = {
    "restartPolicy": "Always",
    "terminationGracePeriodSeconds": 30,
    "dnsPolicy": "ClusterFirst",
    "schedulerName": "default-scheduler",
    "securityContext": {},
}
_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
_TOLERATED = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
MODE = 0o644
TOLERATION_SECONDS = 300
FIXED = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)
_MAY_CHANGE = ("activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds")


def fill(spec: Json) -> None:
    """Fill in the defaults of a Pod spec."""
    for key, value in _POD.items():
        spec.setdefault(key, value)
    if account := spec.get("serviceAccountName") or spec.get("serviceAccount"):
        spec["serviceAccountName"] = spec["serviceAccount"] = account
    for container in _containers(spec):
        _fill_container(container)
    for volume in spec.get("volumes") or ():
        _fill_volume(volume)


def _containers(spec: Json) -> list[Json]:
    return [each for key in _CONTAINERS for each in spec.get(key) or ()]


def _fill_container(container: Json) -> None:
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    image = container.get("image", "").rpartition("/")[2]
    latest = image.endswith(":latest") or (":" not in image and "@" not in image)
    container.setdefault("imagePullPolicy", "Always" if latest else "IfNotPresent")
    for probe in (container[name] for name in _PROBES if container.get(name)):
        for key, value in _PROBE.items():
            probe.setdefault(key, value)
        if "httpGet" in probe:
            probe["httpGet"] = {"path": "/", "scheme": "HTTP"} | probe["httpGet"]
    for each in container.get("env") or ():
        if field := (each.get("valueFrom") or {}).get("fieldRef"):
            field.setdefault("apiVersion", "v1")


def _fill_volume(volume: Json) -> None:
    for kind in ("secret", "configMap", "downwardAPI", "projected"):
        if kind in volume:
            volume[kind].setdefault("defaultMode", MODE)
    if "hostPath" in volume:
        volume["hostPath"].setdefault("type", "")
    if len(volume) == 1:
        volume["emptyDir"] = {}


def fill_pod(body: Json) -> None:
    """Fill in the defaults of a Pod: those of its spec, and those that a template does not get."""
    spec = body["spec"]
    fill(spec)
    spec.setdefault("enableServiceLinks", True)
    for resources in (each["resources"] for each in _containers(spec) if (each.get("resources") or {}).get("limits")):
        resources["requests"] = resources["limits"] | (resources.get("requests") or {})
    if address := body["status"].get("podIP"):
        body["status"].setdefault("podIPs", [{"ip": address}])


def begin(body: Json) -> None:
    """Add the default tolerations, priority and status of a new Pod, as admission does."""
    spec = body["spec"]
    known = {(each.get("key"), each.get("effect")) for each in spec.get("tolerations") or ()}
    for key in _TOLERATED:
        if not known & {(key, "NoExecute"), (key, None), (None, None)}:
            added = {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": TOLERATION_SECONDS}
            spec["tolerations"] = [*(spec.get("tolerations") or ()), added]
    spec |= {"priority": 0, "preemptionPolicy": "PreemptLowerPriority"} | spec
    body["status"] = {"phase": "Pending", "qosClass": _quality_of_service(spec)}


def _quality_of_service(spec: Json) -> str:
    """The QoS class by the requests and limits of the containers."""
    given = [(each.get("resources") or {}) for each in _containers(spec)]
    if not any(each.get("requests") or each.get("limits") for each in given):
        return "BestEffort"
    whole = all({"cpu", "memory"} <= (each.get("limits") or {}).keys() for each in given)
    return "Guaranteed" if whole and all(each.get("requests") == each["limits"] for each in given) else "Burstable"


def change_causes(body: Json, live: Json | None) -> Iterator[Json]:
    """The causes for which an update of a Pod is refused: only a few fields may change."""
    if live is None:
        return
    before, after = live["spec"], body["spec"]
    for key in ("containers", "initContainers"):
        if len(before.get(key) or ()) != len(after.get(key) or ()):
            yield forbidden_cause(f"spec.{key}", "pod updates may not add or remove containers")
            return
    if _without_images(after) != _without_images(before):
        yield forbidden_cause("spec", FIXED)


def _without_images(spec: Json) -> Json:
    plain = {key: value for key, value in spec.items() if key not in _MAY_CHANGE}
    for key in ("containers", "initContainers"):
        plain[key] = [{name: value for name, value in each.items() if name != "image"} for each in spec.get(key) or ()]
    return plain


def _names_once(containers: Any, path: str, _: Around) -> Iterator[Json]:
    names = [each.get("name") for each in containers or ()]
    for at, name in enumerate(names):
        if name and name in names[:at]:
            yield cause("FieldValueDuplicate", f"{path}[{at}].name", f'Duplicate value: "{name}"')


def _one_source(volumes: Any, path: str, _: Around) -> Iterator[Json]:
    for at, volume in enumerate(volumes or ()):
        for kind in [key for key in volume if key != "name"][1:]:
            yield forbidden_cause(f"{path}[{at}].{kind}", "may not specify more than 1 volume type")


RULES: Rules = {
    "core.v1.PodSpec": {
        "volumes": _one_source,
        "containers": each_of(needed, _names_once),
        "restartPolicy": one_of("Always", "OnFailure", "Never"),
        "dnsPolicy": one_of("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"),
        "serviceAccountName": shaped(subdomain_problems),
        "nodeName": shaped(subdomain_problems),
    },
    "core.v1.Container": {
        "name": needed_and(shaped(label_name_problems)),
        "image": needed,
        "imagePullPolicy": one_of("Always", "IfNotPresent", "Never"),
    },
    "core.v1.ContainerPort": {
        "containerPort": needed_and(between(1, 65535)),
        "protocol": one_of("SCTP", "TCP", "UDP"),
    },
    "core.v1.EnvVar": {"name": needed},
}
"""Rules by struct and field, in the order in which upstream reports them."""
