"""What happens to a BareMetalHost, projected to words that a recording and a simulation must share."""

from collections.abc import Iterable
from typing import Any

PREFIX = "baremetalhost.metal3.io/"
BLOCK_MOVE = "clusterctl.cluster.x-k8s.io/block-move"
WATCHED_ANNOTATIONS = {f"{PREFIX}paused": "paused", f"{PREFIX}status": "status", BLOCK_MOVE: "block-move"}
STATUS_FIELDS = ("lastAttemptedImage", "hardwareProfile", "hardware", "poweredOn", "errorType")
Body = dict[str, Any]


def timeline(rows: Iterable[Body], cluster: str, name: str) -> list[str]:
    """The host's changes in one cluster, in order; rows are those of FORMAT.md, of any kind."""
    words, before = [], None
    for row in rows:
        if row.get("cluster") != cluster or row.get("kind") != "BareMetalHost" or row.get("name") != name:
            continue
        after = row["object"]
        if row["type"] == "DELETED":
            words.append("deleted")
        elif row["type"] == "ADDED" or (row["type"] == "LISTED" and before is None):
            words += [f"{row['type'].lower()}{_annotations_text(after)}"] if row["type"] == "ADDED" else []
        else:
            words += _changes(before or {}, after)
        before = None if row["type"] == "DELETED" else after
    return words


def events(rows: Iterable[Body], cluster: str, name: str) -> list[str]:
    """Reasons of the host's events in one cluster, in order; only those that came while it was watched."""
    found = [
        row["object"] for row in rows if row.get("kind") == "Event" and row.get("cluster") == cluster and row["type"] == "ADDED"
    ]
    return [each["reason"] for each in found if each["involvedObject"]["name"] == name]


def _annotations(obj: Body) -> dict[str, str]:
    return obj.get("metadata", {}).get("annotations") or {}


def _annotations_text(obj: Body) -> str:
    there = [word for key, word in sorted(WATCHED_ANNOTATIONS.items()) if key in _annotations(obj)]
    return f" with {', '.join(there)}" if there else ""


def _changes(before: Body, after: Body) -> list[str]:
    words = []
    old, new = _annotations(before), _annotations(after)
    for key, word in sorted(WATCHED_ANNOTATIONS.items()):
        if (key in old) != (key in new):
            words.append(f"{'+' if key in new else '-'}{word}")
    if "deletionTimestamp" in after["metadata"] and "deletionTimestamp" not in before.get("metadata", {}):
        words.append("deletionTimestamp")
    return words + _status_changes(before.get("status") or {}, after.get("status") or {})


def _status_changes(old: Body, new: Body) -> list[str]:
    if not old.get("lastUpdated") and new.get("provisioning", {}).get("ID"):
        return [f"restored as {new['provisioning']['state']}"]
    words = []
    states = [status.get("provisioning", {}).get("state", "") for status in (old, new)]
    if states[0] != states[1]:
        words.append(f"state {states[1]}")
    if old.get("provisioning", {}).get("ID", "") != new.get("provisioning", {}).get("ID", ""):
        words.append("new node")
    if new.get("goodCredentials") and old.get("goodCredentials") != new.get("goodCredentials"):
        words.append("good credentials")
    return words
