"""The cells of further built-in kinds in a table: batch, storage, network, policy and the rest."""

from collections.abc import Callable
from typing import Any

from harness.emulated.apiserver.kinds.errors import Json
from harness.emulated.apiserver.tables.human_duration import HumanDuration

Cell = Callable[[Json], Any]
NONE, UNSET = "<none>", "<unset>"
HOSTS_MAX, ADDRESSES_CHARACTERS_MAX = 3, 16
_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
_JOB_STATES = (("Complete", "Complete"), ("Failed", "Failed"))
_LATER_JOB_STATES = (("Suspended", "Suspended"), ("FailureTarget", "FailureTarget"), ("SuccessCriteriaMet", "SuccessCriteriaMet"))


def _status(body: Json) -> Json:
    found: Json = body.get("status") or {}
    return found


def _spec(name: str, absent: Any = "") -> Cell:
    return lambda body: (body.get("spec") or {}).get(name, absent)


def _top(name: str, absent: Any = "") -> Cell:
    return lambda body: body.get(name, absent)


def shown_selector(selector: Json | None) -> str:
    """A selector of labels as kubectl shows it; nothing selects nothing."""
    if selector is None:
        return NONE
    pairs = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for each in selector.get("matchExpressions") or ():
        key, operator, values = each["key"], each["operator"], each.get("values") or []
        word = {"In": " in ", "NotIn": " notin "}.get(operator)
        pairs.append(f"{key}{word}({','.join(sorted(values))})" if word else f"!{key}" if operator == "DoesNotExist" else key)
    return ",".join(sorted(pairs)) or NONE


def _completions(body: Json) -> str:
    spec, done = body["spec"], _status(body).get("succeeded", 0)
    if spec.get("completions") is not None:
        return f"{done}/{spec['completions']}"
    many = spec.get("parallelism", 0)
    return f"{done}/1 of {many}" if many > 1 else f"{done}/1"


def _job_status(body: Json) -> str:
    held = {each["type"] for each in _status(body).get("conditions") or () if each.get("status") == "True"}
    if first := next((said for kind, said in _JOB_STATES if kind in held), ""):
        return first
    if "deletionTimestamp" in body["metadata"]:
        return "Terminating"
    return next((said for kind, said in _LATER_JOB_STATES if kind in held), "Running")


def _job_duration(body: Json) -> HumanDuration:
    return HumanDuration(_status(body).get("startTime"), _status(body).get("completionTime"), absent="")


def _containers(key: str, *path: str) -> Cell:
    def cell(body: Json) -> str:
        found: Any = body
        for step in path:
            found = found.get(step) or {}
        return ",".join(each.get(key, "") for each in found.get("containers") or ())

    return cell


def _modes(modes: list[str] | None) -> str:
    return ",".join(_MODES[each] for each in _MODES if each in (modes or ()))


def _phase(body: Json) -> str:
    return "Terminating" if "deletionTimestamp" in body["metadata"] else str(_status(body).get("phase", ""))


def _class_of(body: Json) -> str:
    noted: str = (body["metadata"].get("annotations") or {}).get("volume.beta.kubernetes.io/storage-class", "")
    return noted or str(body["spec"].get("storageClassName", ""))


def _bound(read: Cell) -> Cell:
    return lambda body: read(body) if body["spec"].get("volumeName") else ""


def _default_named(note: str) -> Cell:
    def cell(body: Json) -> str:
        name: str = body["metadata"]["name"]
        return f"{name} (default)" if (body["metadata"].get("annotations") or {}).get(note) == "true" else name

    return cell


def _hosts(body: Json) -> str:
    rules = body["spec"].get("rules") or []
    named = [each["host"] for each in rules[:HOSTS_MAX] if each.get("host")]
    more = f" + {len(rules) - HOSTS_MAX} more..." if len(rules) > HOSTS_MAX else ""
    return ",".join(named) + more if named else "*"


def _addresses(body: Json) -> str:
    found = (_status(body).get("loadBalancer") or {}).get("ingress") or ()
    text = ",".join(sorted({each.get("ip") or each.get("hostname") or "" for each in found} - {""}))
    return text if len(text) <= ADDRESSES_CHARACTERS_MAX else f"{text[: ADDRESSES_CHARACTERS_MAX - 3]}..."


def _endpoints(body: Json) -> str:
    listed = [
        f"{address['ip']}:{port['port']}" if port else address["ip"]
        for subset in body.get("subsets") or ()
        for port in subset.get("ports") or (None,)
        for address in subset.get("addresses") or ()
    ]
    return _some(listed)


def _some(listed: list[str]) -> str:
    more = f" + {len(listed) - HOSTS_MAX} more..." if len(listed) > HOSTS_MAX else ""
    return ",".join(listed[:HOSTS_MAX]) + more if listed else NONE


def _slice_ports(body: Json) -> str:
    return _some([str(each.get("port", "*")) for each in body.get("ports") or ()]) if body.get("ports") else UNSET


def _slice_addresses(body: Json) -> str:
    listed = [address for each in body.get("endpoints") or () for address in each.get("addresses") or ()]
    return _some(listed) if body.get("endpoints") else UNSET


def _or_not_available(name: str) -> Cell:
    return lambda body: str(body["spec"].get(name, "N/A"))


def _quota(*, limits: bool) -> Cell:
    def cell(body: Json) -> str:
        hard, used = _status(body).get("hard") or {}, _status(body).get("used") or {}
        named = [name for name in sorted(hard) if name.startswith("limits.") is limits]
        return ", ".join(f"{name}: {used.get(name, '0')}/{hard[name]}" for name in named)

    return cell


def _scaled(body: Json) -> str:
    target = body["spec"]["scaleTargetRef"]
    return f"{target['kind']}/{target['name']}"


def _targets(body: Json) -> str:
    found = []
    for metric in body["spec"].get("metrics") or ():
        target = (metric.get("resource") or {}).get("target") or {}
        wanted = f"{target['averageUtilization']}%" if "averageUtilization" in target else target.get("averageValue", "<auto>")
        found.append(f"{metric['resource']['name']}: <unknown>/{wanted}" if "resource" in metric else "<unknown>/<auto>")
    return ", ".join(found) or NONE


def _parameters(body: Json) -> str:
    found = body["spec"].get("parameters")
    if not found:
        return NONE
    group = f".{found['apiGroup']}" if found.get("apiGroup") else ""
    return f"{found['kind']}{group}/{found['name']}"


def _controller(body: Json) -> str:
    owner = next((each for each in body["metadata"].get("ownerReferences") or () if each.get("controller")), None)
    group = (owner or {}).get("apiVersion", "").rpartition("/")[0]
    return f"{owner['kind'].lower()}{f'.{group}' if group else ''}/{owner['name']}" if owner else NONE


def _claimed(body: Json) -> str:
    by = body["spec"].get("claimRef")
    return f"{by.get('namespace', '')}/{by.get('name', '')}" if by else ""


_VOLUME: dict[str, Cell] = {
    "Status": _phase,
    "StorageClass": _class_of,
    "VolumeAttributesClass": _spec("volumeAttributesClassName", UNSET),
    "VolumeMode": _spec("volumeMode", UNSET),
}
MORE_CELLS: dict[str, dict[str, Cell]] = {
    "Job": {
        "Status": _job_status,
        "Completions": _completions,
        "Duration": _job_duration,
        "Containers": _containers("name", "spec", "template", "spec"),
        "Images": _containers("image", "spec", "template", "spec"),
        "Selector": lambda body: shown_selector(body["spec"].get("selector")),
    },
    "CronJob": {
        "Schedule": _spec("schedule"),
        "Timezone": _spec("timeZone", NONE),
        "Suspend": lambda body: "True" if body["spec"].get("suspend") else "False",
        "Active": lambda body: len(_status(body).get("active") or ()),
        "Last Schedule": lambda body: HumanDuration(_status(body).get("lastScheduleTime"), absent=NONE),
        "Containers": _containers("name", "spec", "jobTemplate", "spec", "template", "spec"),
        "Images": _containers("image", "spec", "jobTemplate", "spec", "template", "spec"),
        "Selector": lambda body: shown_selector(body["spec"]["jobTemplate"]["spec"].get("selector")),
    },
    "PersistentVolumeClaim": _VOLUME
    | {
        "Volume": _spec("volumeName"),
        "Capacity": _bound(lambda body: (_status(body).get("capacity") or {}).get("storage", "0")),
        "Access Modes": _bound(lambda body: _modes(_status(body).get("accessModes"))),
    },
    "PersistentVolume": _VOLUME
    | {
        "Capacity": lambda body: (body["spec"].get("capacity") or {}).get("storage", "0"),
        "Access Modes": lambda body: _modes(body["spec"].get("accessModes")),
        "Reclaim Policy": _spec("persistentVolumeReclaimPolicy"),
        "Claim": _claimed,
        "Reason": lambda body: _status(body).get("reason", ""),
    },
    "StorageClass": {
        "Name": _default_named("storageclass.kubernetes.io/is-default-class"),
        "Provisioner": _top("provisioner"),
        "ReclaimPolicy": _top("reclaimPolicy", "Delete"),
        "VolumeBindingMode": _top("volumeBindingMode", "Immediate"),
        "AllowVolumeExpansion": _top("allowVolumeExpansion", False),
    },
    "NetworkPolicy": {"Pod-Selector": lambda body: shown_selector(body["spec"].get("podSelector"))},
    "Ingress": {
        "Class": _spec("ingressClassName", NONE),
        "Hosts": _hosts,
        "Address": _addresses,
        "Ports": lambda body: "80, 443" if body["spec"].get("tls") else "80",
    },
    "IngressClass": {
        "Name": _default_named("ingressclass.kubernetes.io/is-default-class"),
        "Controller": _spec("controller"),
        "Parameters": _parameters,
    },
    "Endpoints": {"Endpoints": _endpoints},
    "EndpointSlice": {"AddressType": _top("addressType"), "Ports": _slice_ports, "Endpoints": _slice_addresses},
    "PodDisruptionBudget": {
        "Min Available": _or_not_available("minAvailable"),
        "Max Unavailable": _or_not_available("maxUnavailable"),
        "Allowed Disruptions": lambda body: _status(body).get("disruptionsAllowed", 0),
    },
    "ResourceQuota": {"Request": _quota(limits=False), "Limit": _quota(limits=True)},
    "PriorityClass": {
        "Value": _top("value", 0),
        "Global-Default": _top("globalDefault", False),
        "PreemptionPolicy": _top("preemptionPolicy"),
    },
    "HorizontalPodAutoscaler": {
        "Reference": _scaled,
        "Targets": _targets,
        "MinPods": lambda body: str(body["spec"].get("minReplicas", UNSET)),
        "MaxPods": _spec("maxReplicas", 0),
        "Replicas": lambda body: _status(body).get("currentReplicas", 0),
    },
    "ReplicationController": {
        "Desired": _spec("replicas", 0),
        "Current": lambda body: _status(body).get("replicas", 0),
        "Ready": lambda body: _status(body).get("readyReplicas", 0),
        "Containers": _containers("name", "spec", "template", "spec"),
        "Images": _containers("image", "spec", "template", "spec"),
        "Selector": lambda body: shown_selector({"matchLabels": body["spec"].get("selector")}),
    },
    "RuntimeClass": {"Handler": _top("handler")},
    "PodTemplate": {
        "Containers": _containers("name", "template", "spec"),
        "Images": _containers("image", "template", "spec"),
        "Pod Labels": lambda body: shown_selector({"matchLabels": body["template"]["metadata"].get("labels")}),
    },
    "ControllerRevision": {"Controller": _controller, "Revision": _top("revision", 0)},
}
