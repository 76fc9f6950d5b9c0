"""What changed between two versions of an object, as data. Reports and comparisons tell it, each in words of its own."""

from typing import Any, Literal, NamedTuple

from harness.metal3 import BLOCK_MOVE, DELETE_FOR_MOVE, DETACHED, PAUSED, STATUS
from harness.world.world import Version, remembered

MARKS = (PAUSED, STATUS, BLOCK_MOVE, DELETE_FOR_MOVE, DETACHED)
"""The annotations of a host by which a pivot works, in the order in which they are told."""

_MACHINE_FIELDS = {"phase": ("status", "phase"), "provisioned": ("status", "initialization", "provisioned")}
FIELDS: dict[str, dict[str, tuple[str, ...]]] = {
    "BareMetalHost": {
        "state": ("status", "provisioning", "state"),
        "provisioning ID": ("status", "provisioning", "ID"),
        "credentials": ("status", "goodCredentials", "credentialsVersion"),
        "powered on": ("status", "poweredOn"),
        "operational status": ("status", "operationalStatus"),
        "error": ("status", "errorType"),
        "online": ("spec", "online"),
        "consumer": ("spec", "consumerRef"),
    },
    "Cluster": {"paused": ("spec", "paused")},
    "Machine": _MACHINE_FIELDS,
    "Metal3Machine": _MACHINE_FIELDS,
    "Node": {"bootID": ("status", "nodeInfo", "bootID"), "machineID": ("status", "nodeInfo", "machineID")},
    "Deployment": {"replicas": ("spec", "replicas")},
}
"""The fields that matter to a pivot, by kind and name."""


class FieldChange(NamedTuple):
    """A value before and after; None where there was none, or an empty text."""

    before: Any
    after: Any


class ConditionState(NamedTuple):
    """What a condition of an object says."""

    status: str
    reason: str


class ConditionChange(NamedTuple):
    """A condition before and after; None where there was none."""

    before: ConditionState | None
    after: ConditionState | None


class ObjectChange(NamedTuple):
    """How a version of an object differs from the one before it; where the object just came, from nothing.

    `came`: it was in the first `listed` state, or was `added` later; empty if it was there before. `gone`: it is its end. `deleting`:
    it is marked for deletion now, and was not before. `fields` and `conditions` are those that changed, by name.
    """

    before: Version | None
    after: Version
    came: Literal["", "listed", "added"]
    gone: bool
    deleting: bool
    marks_set: tuple[str, ...]
    marks_removed: tuple[str, ...]
    fields: dict[str, FieldChange]
    conditions: dict[str, ConditionChange]


def change_between(kind: str, before: Version | None, after: Version) -> ObjectChange:
    """What a version changed; an object that was deleted and is there again has come anew."""
    known = before if before and before.alive else None
    gone = not after.alive
    came: Literal["", "listed", "added"] = "" if known or gone else "listed" if after.change == "listed" else "added"
    old, new = known.annotations if known else {}, after.annotations
    return ObjectChange(
        known,
        after,
        came,
        gone,
        deleting=after.deleting and not (known and known.deleting),
        marks_set=tuple(mark for mark in MARKS if mark in new and mark not in old),
        marks_removed=tuple(mark for mark in MARKS if mark in old and mark not in new),
        fields=_changed_fields(kind, known, after),
        conditions=_changed_conditions(known, after),
    )


def _changed_fields(kind: str, before: Version | None, after: Version) -> dict[str, FieldChange]:
    pairs = {name: FieldChange(_value(before, path), _value(after, path)) for name, path in FIELDS.get(kind, {}).items()}
    return {name: pair for name, pair in pairs.items() if pair.before != pair.after}


def _value(version: Version | None, path: tuple[str, ...]) -> Any:
    found = version.get(*path) if version else None
    return None if found == "" else found


def _changed_conditions(before: Version | None, after: Version) -> dict[str, ConditionChange]:
    old, new = conditions(before) if before else {}, conditions(after)
    pairs = {name: ConditionChange(old.get(name), new.get(name)) for name in sorted({**old, **new})}
    return {name: pair for name, pair in pairs.items() if pair.before != pair.after}


@remembered
def conditions(version: Version) -> dict[str, ConditionState]:
    """An object's conditions by type."""
    found = version.get("status", "conditions") or []
    told = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return {str(one.get("type")): ConditionState(str(one.get("status")), str(one.get("reason") or "")) for one in told}
