"""What changed in a Kubernetes object, in words: only what matters to a pivot."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from harness.journal.facts import ObjectSeen
from harness.metal3 import BLOCK_MOVE, DELETE_FOR_MOVE, DETACHED, PAUSED, STATUS
from harness.world.world import dig

MARKS = {
    PAUSED: "its pause",
    STATUS: "the status annotation",
    BLOCK_MOVE: "block-move",
    DELETE_FOR_MOVE: "delete-for-move",
    DETACHED: "the detached annotation",
}
FIELDS = {
    ("status", "provisioning", "state"): "state",
    ("status", "provisioning", "ID"): "provisioning ID",
    ("status", "poweredOn"): "powered on",
    ("status", "operationalStatus"): "operational status",
    ("status", "errorType"): "error",
    ("spec", "online"): "online",
}


class ObjectChange(NamedTuple):
    """One version of an object and the one before it (empty where there was none)."""

    fact: ObjectSeen
    before: dict[str, Any]
    after: dict[str, Any]


class ChangeText(NamedTuple):
    """What to say of a change."""

    tone: Literal["note", "state", "pause"]
    text: str
    host: str = ""


def changes_of(change: ObjectChange) -> ChangeText | None:
    """What this change is worth telling, or None."""
    teller = _TELLERS.get(change.fact.kind)
    return teller(change) if teller else None


def _host(change: ObjectChange) -> ChangeText | None:
    fact = change.fact
    came = _coming(change)
    if came and fact.change == "deleted":
        return ChangeText("state", f"BareMetalHost {came}", fact.name)
    words = _marks(change)
    if came:
        words = [f"{came}, state {_value(dig(change.after, 'status', 'provisioning', 'state'))}", *words]
        return ChangeText("note" if fact.change == "listed" else "state", f"BareMetalHost {'; '.join(words)}", fact.name)
    fields = _fields(change)
    words += fields
    if not words:
        return None
    return ChangeText("state" if fields else "pause", f"BareMetalHost: {'; '.join(words)}", fact.name)


def _marks(change: ObjectChange) -> list[str]:
    before = dig(change.before, "metadata", "annotations") or {}
    after = dig(change.after, "metadata", "annotations") or {}
    words = [f"{name} is set" for mark, name in MARKS.items() if mark in after and mark not in before]
    words += [f"{name} is gone" for mark, name in MARKS.items() if mark in before and mark not in after]
    if dig(change.after, "metadata", "deletionTimestamp") and not dig(change.before, "metadata", "deletionTimestamp"):
        words.append("is being deleted")
    return words


def _fields(change: ObjectChange) -> list[str]:
    pairs = ((name, dig(change.before, *path), dig(change.after, *path)) for path, name in FIELDS.items())
    return [f"{name} {_value(before)} → {_value(after)}" for name, before, after in pairs if _value(before) != _value(after)]


def _cluster(change: ObjectChange) -> ChangeText | None:
    words = [] if (came := _coming(change)) is None else [came]
    before, after = dig(change.before, "spec", "paused"), dig(change.after, "spec", "paused")
    if bool(before) != bool(after) and change.fact.change != "deleted":
        words.append("is paused" if after else "is no longer paused")
    return ChangeText("pause", f"Cluster {change.fact.name} {', '.join(words)}") if words else None


def _machine(change: ObjectChange) -> ChangeText | None:
    before, after = dig(change.before, "status", "phase"), dig(change.after, "status", "phase")
    came = _coming(change)
    if came and change.fact.change != "listed":
        return ChangeText("note", f"Machine {change.fact.name} {came}")
    if came or before == after:
        return None
    return ChangeText("note", f"Machine {change.fact.name}: phase {_value(before)} → {_value(after)}")


def _node(change: ObjectChange) -> ChangeText | None:
    if came := _coming(change):
        return ChangeText("note" if change.fact.change == "listed" else "state", f"Node {came}", change.fact.name)
    words = []
    for name in ("bootID", "machineID"):
        before, after = (dig(body, "status", "nodeInfo", name) for body in (change.before, change.after))
        if before and after and before != after:
            words.append(f"{name} changed: the machine booted anew" if name == "bootID" else f"{name} changed: another disk")
    before, after = _ready(change.before), _ready(change.after)
    if before != after:
        words.append(f"Ready {_value(before)} → {_value(after)}")
    return ChangeText("state", f"Node: {'; '.join(words)}", change.fact.name) if words else None


def _ready(body: dict[str, Any]) -> str | None:
    conditions = dig(body, "status", "conditions") or []
    return next((one.get("status") for one in conditions if one.get("type") == "Ready"), None)


def _deployment(change: ObjectChange) -> ChangeText | None:
    before, after = dig(change.before, "spec", "replicas"), dig(change.after, "spec", "replicas")
    if change.fact.change == "listed" or before == after:
        return None
    return ChangeText("note", f"Deployment {change.fact.name}: replicas {_value(before)} → {_value(after)}")


def _event(change: ObjectChange) -> ChangeText | None:
    body = change.after
    if change.fact.change not in ("added", "modified") or dig(body, "involvedObject", "kind") != "BareMetalHost":
        return None
    message = str(body.get("message") or body.get("note") or "")
    return ChangeText("note", f"event {body.get('reason')}: {message}", str(dig(body, "involvedObject", "name") or ""))


_TELLERS: dict[str, Callable[[ObjectChange], ChangeText | None]] = {
    "BareMetalHost": _host,
    "Cluster": _cluster,
    "Machine": _machine,
    "Node": _node,
    "Deployment": _deployment,
    "Event": _event,
}


def _coming(change: ObjectChange) -> str | None:
    words = {"listed": "is there", "added": "appears", "deleted": "is gone"}.get(change.fact.change)
    return f"{words} (nobody told, a later list shows it)" if words and change.fact.inferred else words


def _value(value: Any) -> str:
    return "none" if value in (None, "") else str(value)
