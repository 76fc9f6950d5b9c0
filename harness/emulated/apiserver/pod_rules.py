"""What the server fills into the spec of a Pod, alone or as a template, and what it refuses in one."""

import re
from collections.abc import Iterator
from typing import Any

from harness.emulated.apiserver.errors import Json, cause, invalid_value, required, unsupported
from harness.emulated.apiserver.naming_rules import label_name_problems

_POD = {
    "restartPolicy": "Always",
    "terminationGracePeriodSeconds": 30,
    "dnsPolicy": "ClusterFirst",
    "schedulerName": "default-scheduler",
}
_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_CONTAINERS = ("initContainers", "containers")
MODE = 0o644
PULL_POLICIES = ["Always", "IfNotPresent", "Never"]
_SUFFIXES = ("Ki", "Mi", "Gi", "Ti", "Pi", "Ei")


def fill(spec: Json) -> None:
    """Default a Pod's spec."""
    for key, value in _POD.items():
        spec.setdefault(key, value)
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
            for key, value in _PROBE.items():
                probe.setdefault(key, value)
            if "httpGet" in probe:
                probe["httpGet"].setdefault("scheme", "HTTP")
                probe["httpGet"].setdefault("path", "/")
    for each in container.get("env") or ():
        if field := (each.get("valueFrom") or {}).get("fieldRef"):
            field.setdefault("apiVersion", "v1")
    for amounts in (container.get("resources") or {}).values():
        if isinstance(amounts, dict):
            amounts.update({name: canonical(amount) for name, amount in amounts.items()})


def canonical(amount: str) -> str:
    """A quantity as the server writes it: thousands of milli and multiples of 1024 in the next unit."""
    found = re.fullmatch(r"(\d+)(m|[KMGTPE]i)?", amount)
    if not found:
        return amount
    number, unit = int(found[1]), found[2] or ""
    if unit == "m" and number % 1000 == 0:
        return str(number // 1000)
    while unit in _SUFFIXES[:-1] and number and number % 1024 == 0:
        number, unit = number // 1024, _SUFFIXES[_SUFFIXES.index(unit) + 1]
    return f"{number}{unit}"


def _fill_volume(volume: Json) -> None:
    for kind in ("secret", "configMap", "downwardAPI", "projected"):
        if kind in volume:
            volume[kind].setdefault("defaultMode", MODE)
    if "hostPath" in volume:
        volume["hostPath"].setdefault("type", "")
    if len(volume) == 1:
        volume["emptyDir"] = {}


def problems(spec: Json, path: str) -> Iterator[Json]:
    """What is wrong with a Pod's spec."""
    for index, volume in enumerate(spec.get("volumes") or ()):
        if len(kinds := [key for key in volume if key != "name"]) > 1:
            forbidden = "Forbidden: may not specify more than 1 volume type"
            yield cause("FieldValueForbidden", f"{path}.volumes[{index}].{min(kinds)}", forbidden)
    volumes = {each.get("name") for each in spec.get("volumes") or ()}
    if not spec.get("containers"):
        yield required(f"{path}.containers")
    seen: set[str] = set()
    for key in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(key) or ()):
            yield from _container_problems(container, f"{path}.{key}[{index}]", volumes, seen)


def _container_problems(container: Json, path: str, volumes: set[Any], seen: set[str]) -> Iterator[Json]:
    name = container.get("name") or ""
    if not name:
        yield required(f"{path}.name")
    else:
        yield from (invalid_value(f"{path}.name", name, each) for each in label_name_problems(name))
    if name and name in seen:
        yield cause("FieldValueDuplicate", f"{path}.name", f'Duplicate value: "{name}"')
    seen.add(name)
    if not container.get("image"):
        yield required(f"{path}.image")
    for index, port in enumerate(container.get("ports") or ()):
        number = port.get("containerPort") or 0
        if not number:
            yield required(f"{path}.ports[{index}].containerPort")
        elif not 0 < number < 65536:
            yield invalid_value(f"{path}.ports[{index}].containerPort", number, "must be between 1 and 65535, inclusive")
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        if mount.get("name") not in volumes:
            yield cause("FieldValueNotFound", f"{path}.volumeMounts[{index}].name", f'Not found: "{mount.get("name")}"')
    if container["imagePullPolicy"] not in PULL_POLICIES:
        yield unsupported(f"{path}.imagePullPolicy", container["imagePullPolicy"], PULL_POLICIES)
