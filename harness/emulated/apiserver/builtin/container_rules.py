"""What is refused in the fields of containers: their images, ports, mounts, resources and probes."""

from collections.abc import Iterator
from typing import Any

from harness.emulated.apiserver.builtin.field_rules import (
    PORT,
    Around,
    Rules,
    anything,
    at_least,
    both,
    forbidden,
    needed,
    needed_and,
    one_of,
    shaped,
    spec_around,
)
from harness.emulated.apiserver.kinds.errors import Json, cause, invalid_value, required, shown
from harness.emulated.apiserver.kinds.naming_rules import (
    label_name_problems,
    port_name_problems,
    qualified_problems,
    variable_problems,
)
from harness.emulated.apiserver.kinds.quantities import amount

_COUNTS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
_STANDARD = frozenset({"cpu", "memory", "ephemeral-storage", "storage"})


def _name_once(name: Any, path: str, around: Around) -> Iterator[Json]:
    spec = spec_around(around)
    for each in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
        if each is around[-1]:
            return
        if each.get("name") == name:
            yield cause("FieldValueDuplicate", path, f'Duplicate value: "{name}"')
            return


def _trimmed(image: Any, path: str, _: Around) -> Iterator[Json]:
    """An image; in a Pod itself it must have no blanks around it, in a template it may be anything."""
    if not image:
        yield required(path)
    elif len(image) != len(image.strip()) and path.startswith("spec.containers"):
        yield invalid_value(path, image, "must not have leading or trailing whitespace")


def _mounted(name: Any, path: str, around: Around) -> Iterator[Json]:
    if not name:
        yield required(path)
    if name not in {each.get("name") for each in spec_around(around).get("volumes") or ()}:
        yield cause("FieldValueNotFound", path, f"Not found: {shown(name or '')}")


def _mount_path(mounted: Any, path: str, around: Around) -> Iterator[Json]:
    if not mounted:
        yield required(path)
    for each in around[-2].get("volumeMounts") or ():
        if each is around[-1]:
            return
        if each.get("mountPath") == mounted:
            yield invalid_value(path, mounted, "must be unique")
            return


def _amounts(amounts: Any, path: str) -> Iterator[Json]:
    """What is wrong with amounts of resources, each by itself."""
    for name, asked in sorted((amounts or {}).items()):
        where = f"{path}[{name}]"
        yield from (invalid_value(where, name, why) for why in qualified_problems(name))
        standard = name in _STANDARD or name.startswith("hugepages-")
        if "/" not in name and not standard:
            yield invalid_value(where, name, "must be a standard resource type or fully qualified")
            yield invalid_value(where, name, "must be a standard resource for containers")
        if amount(asked) < 0:
            yield invalid_value(where, asked, "must be greater than or equal to 0")
        elif not standard and amount(asked).denominator != 1:
            yield invalid_value(where, asked, "must be an integer")


def _requests(requests: Any, path: str, around: Around) -> Iterator[Json]:
    limits = around[-1].get("limits") or {}
    yield from _amounts(requests, path)
    for name, asked in sorted((requests or {}).items()):
        if name in limits and amount(asked) > amount(limits[name]):
            yield invalid_value(path, asked, f"must be less than or equal to {name} limit of {limits[name]}")
        elif name not in limits and ("/" in name or name.startswith("hugepages-")):
            yield required(path.replace("requests", "limits"), "Limit must be set for non overcommitable resources")
    given = {*limits, *(requests or ())}
    if any(name.startswith("hugepages-") for name in given) and not given & {"cpu", "memory"}:
        yield forbidden(path.rpartition(".")[0], "HugePages require cpu or memory")


def _limits(limits: Any, path: str, _: Around) -> Iterator[Json]:
    yield from _amounts(limits, path)


def _container_port(number: Any, path: str, around: Around) -> Iterator[Json]:
    yield from PORT(number, path, around) if number else needed(number, path, around)


def _port_or_name(port: Any, path: str, around: Around) -> Iterator[Json]:
    if isinstance(port, int):
        yield from PORT(port, path, around)
    else:
        yield from (invalid_value(path, port or "", why) for why in port_name_problems(port or ""))


def _handled(_: Any, path: str, around: Around) -> Iterator[Json]:
    given = [key for key in _HANDLERS if key in around[-1]]
    if not given:
        yield required(path.rpartition(".")[0], "must specify a handler type")
    for key in given[1:]:
        yield forbidden(f"{path.rpartition('.')[0]}.{key}", "may not specify more than 1 handler type")


_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")


def _port_name(name: Any, path: str, around: Around) -> Iterator[Json]:
    yield from shaped(port_name_problems)(name, path, around)
    for each in around[-2].get("ports") or ():
        if each is around[-1]:
            return
        if name and each.get("name") == name:
            yield cause("FieldValueDuplicate", path, f'Duplicate value: "{name}"')
            return


def _once(count: Any, path: str, _: Around) -> Iterator[Json]:
    yield from at_least(0)(count, path, ())
    if isinstance(count, int) and count != 1 and "readinessProbe" not in path:
        yield invalid_value(path, count, "must be 1")


def _pause(seconds: Any, path: str, around: Around) -> Iterator[Json]:
    longest = spec_around(around).get("terminationGracePeriodSeconds", 30)
    if not 0 <= (seconds or 0) <= longest:
        why = f"must be non-negative and less than terminationGracePeriodSeconds ({longest})"
        yield invalid_value(path.rpartition(".")[0], seconds, why)


RULES: Rules = {
    "core.v1.Container": {
        "name": both(needed_and(shaped(label_name_problems)), _name_once),
        "image": _trimmed,
        "terminationMessagePolicy": one_of("File", "FallbackToLogsOnError"),
        "ports": anything,
        "env": anything,
        "envFrom": anything,
        "volumeMounts": anything,
        "imagePullPolicy": one_of("Always", "IfNotPresent", "Never"),
        "resources": anything,
    },
    "core.v1.ContainerPort": {
        "name": _port_name,
        "containerPort": _container_port,
        "hostPort": lambda value, path, around: PORT(value, path, around) if value else iter(()),
        "protocol": one_of("SCTP", "TCP", "UDP"),
    },
    "core.v1.EnvVar": {"name": needed_and(shaped(variable_problems))},
    "core.v1.VolumeMount": {
        "name": _mounted,
        "mountPath": _mount_path,
        "mountPropagation": one_of("Bidirectional", "HostToContainer", "None"),
    },
    "core.v1.ResourceRequirements": {"limits": _limits, "requests": _requests},
    "core.v1.Probe": {
        "exec": _handled,
        "httpGet": anything,
        "tcpSocket": anything,
        "grpc": anything,
        **{name: at_least(0) for name in _COUNTS},
        "successThreshold": _once,
    },
    "core.v1.ExecAction": {"command": needed},
    "core.v1.SleepAction": {"seconds": _pause},
    "core.v1.HTTPGetAction": {"path": needed, "port": _port_or_name, "scheme": one_of("HTTP", "HTTPS")},
    "core.v1.TCPSocketAction": {"port": _port_or_name},
}
"""By struct and field, in upstream's order."""
