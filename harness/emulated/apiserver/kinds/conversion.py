"""One object in its several versions: apiVersion is rewritten, and the two forms of Event rename their fields."""

from harness.emulated.apiserver.kinds.registry import Json

_EVENTS = {
    "involvedObject": "regarding",
    "message": "note",
    "source": "deprecatedSource",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "count": "deprecatedCount",
    "reportingComponent": "reportingController",
}
_RENAMED = {"events.k8s.io/v1": _EVENTS, "v1": {new: old for old, new in _EVENTS.items()}}


def convert(body: Json, api_version: str) -> Json:
    """The object in another version of its kind; itself when it is in that version. The argument is left as it was."""
    if body["apiVersion"] == api_version:
        return body
    if body["kind"] == "HorizontalPodAutoscaler":
        return (_simple if api_version.endswith("/v1") else _full)(body) | {"apiVersion": api_version}
    if body["kind"] != "Event" or api_version not in _RENAMED:
        return body | {"apiVersion": api_version}
    renamed = {_RENAMED[api_version].get(key, key): value for key, value in body.items()}
    empty = ("reportingController", "reportingInstance") if api_version != "v1" else ()
    return {key: value for key, value in renamed.items() if value or key not in empty} | {"apiVersion": api_version}


def _simple(body: Json) -> Json:
    """An autoscaler in its first version, which knows of processors only."""
    spec = {key: value for key, value in body["spec"].items() if key not in {"metrics", "behavior"}}
    for metric in body["spec"].get("metrics") or ():
        target = (metric.get("resource") or {}).get("target") or {}
        if (metric.get("resource") or {}).get("name") == "cpu" and "averageUtilization" in target:
            spec["targetCPUUtilizationPercentage"] = target["averageUtilization"]
    status = {key: value for key, value in (body.get("status") or {}).items() if key not in {"currentMetrics", "conditions"}}
    return body | {"spec": spec, "status": {"currentReplicas": 0, "desiredReplicas": 0} | status}


def _full(body: Json) -> Json:
    """An autoscaler of the first version in the second."""
    spec = {key: value for key, value in body["spec"].items() if key != "targetCPUUtilizationPercentage"}
    if percent := body["spec"].get("targetCPUUtilizationPercentage"):
        target = {"type": "Utilization", "averageUtilization": percent}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    status = {key: value for key, value in (body.get("status") or {}).items() if value or key != "currentReplicas"}
    return body | {"spec": spec, "status": {"desiredReplicas": 0, "currentMetrics": None} | status}
