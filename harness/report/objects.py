"""What changed in a Kubernetes object, in words: only what matters to a pivot."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from harness.journal.facts import ObjectSeen
from harness.metal3 import DETACHED, PAUSED, STATUS
from harness.world.changes.objects import ObjectChange, change_between
from harness.world.world import Version, dig, key_of

MARKS = {PAUSED: "its pause", STATUS: "the status annotation", DETACHED: "the detached annotation"}
"""What some annotations are called; the others are called by their last part."""

TOLD_FIELDS = ("state", "provisioning ID", "powered on", "operational status", "error", "online")


class ChangeText(NamedTuple):
    """What to say of a change."""

    tone: Literal["note", "state", "pause"]
    text: str
    host: str = ""


def text_of(fact: ObjectSeen, before: Version | None, after: Version) -> ChangeText | None:
    """What this change is worth telling, or None."""
    kind = key_of(fact).kind
    teller = _TELLERS.get(kind)
    return teller(fact, change_between(kind, before, after)) if teller else None


def _host(fact: ObjectSeen, change: ObjectChange) -> ChangeText | None:
    came = _coming(fact, change)
    if change.gone:
        return ChangeText("state", f"BareMetalHost {came}", fact.name)
    words = _marks(change)
    if came:
        words = [f"{came}, state {_value(change.after.get('status', 'provisioning', 'state'))}", *words]
        return ChangeText("note" if change.came == "listed" else "state", f"BareMetalHost {'; '.join(words)}", fact.name)
    fields = [_arrow(name, *change.fields[name]) for name in TOLD_FIELDS if name in change.fields]
    words += fields
    if not words:
        return None
    return ChangeText("state" if fields else "pause", f"BareMetalHost: {'; '.join(words)}", fact.name)


def _marks(change: ObjectChange) -> list[str]:
    words = [f"{_mark(mark)} is set" for mark in change.marks_set]
    words += [f"{_mark(mark)} is gone" for mark in change.marks_removed]
    return [*words, *(["is being deleted"] if change.deleting else [])]


def _mark(mark: str) -> str:
    return MARKS.get(mark, mark.rpartition("/")[2])


def _cluster(fact: ObjectSeen, change: ObjectChange) -> ChangeText | None:
    came = _coming(fact, change)
    words = [came] if came else []
    pause = change.fields.get("paused")
    if pause and bool(pause.before) != bool(pause.after) and not change.gone:
        words.append("is paused" if pause.after else "is no longer paused")
    return ChangeText("pause", f"Cluster {fact.name} {', '.join(words)}") if words else None


def _machine(fact: ObjectSeen, change: ObjectChange) -> ChangeText | None:
    came = _coming(fact, change)
    if came:
        return None if change.came == "listed" else ChangeText("note", f"Machine {fact.name} {came}")
    phase = change.fields.get("phase")
    return ChangeText("note", f"Machine {fact.name}: {_arrow('phase', *phase)}") if phase else None


def _node(fact: ObjectSeen, change: ObjectChange) -> ChangeText | None:
    if came := _coming(fact, change):
        return ChangeText("note" if change.came == "listed" else "state", f"Node {came}", fact.name)
    meanings = {"bootID": "the machine booted anew", "machineID": "another disk"}
    words = [f"{name} changed: {meanings[name]}" for name, field in change.fields.items() if field.before and field.after]
    if ready := change.conditions.get("Ready"):
        before, after = (condition and condition.status for condition in ready)
        words += [_arrow("Ready", before, after)] if before != after else []
    return ChangeText("state", f"Node: {'; '.join(words)}", fact.name) if words else None


def _deployment(fact: ObjectSeen, change: ObjectChange) -> ChangeText | None:
    replicas = change.fields.get("replicas")
    if change.came == "listed" or replicas is None:
        return None
    return ChangeText("note", f"Deployment {fact.name}: {_arrow('replicas', *replicas)}")


def _event(fact: ObjectSeen, change: ObjectChange) -> ChangeText | None:
    body = change.after.body
    if fact.change not in ("added", "modified") or dig(body, "involvedObject", "kind") != "BareMetalHost":
        return None
    message = str(body.get("message") or body.get("note") or "")
    return ChangeText("note", f"event {body.get('reason')}: {message}", str(dig(body, "involvedObject", "name") or ""))


_TELLERS: dict[str, Callable[[ObjectSeen, ObjectChange], ChangeText | None]] = {
    "BareMetalHost": _host,
    "Cluster": _cluster,
    "Machine": _machine,
    "Node": _node,
    "Deployment": _deployment,
    "Event": _event,
}


def _coming(fact: ObjectSeen, change: ObjectChange) -> str:
    words = "is gone" if change.gone else {"listed": "is there", "added": "appears"}.get(change.came, "")
    return f"{words} (nobody told, a later list shows it)" if words and fact.inferred else words


def _arrow(name: str, before: Any, after: Any) -> str:
    return f"{name} {_value(before)} → {_value(after)}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value in (None, "") else str(value)
