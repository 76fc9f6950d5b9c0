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
    if body["kind"] != "Event" or api_version not in _RENAMED:
        return body | {"apiVersion": api_version}
    renamed = {_RENAMED[api_version].get(key, key): value for key, value in body.items()}
    empty = ("reportingController", "reportingInstance") if api_version != "v1" else ()
    return {key: value for key, value in renamed.items() if value or key not in empty} | {"apiVersion": api_version}
