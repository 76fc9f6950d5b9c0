"""What an interrupted move left: as found in both clusters, and as predicted from the mover's executed writes.

Reads change nothing, so a mover killed anywhere between two writes should leave the same state. This is verified at every crash
point by comparing the state found with the one predicted.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import msgspec

from harness.journal.facts import Side
from harness.metal3 import DELETE_FOR_MOVE
from harness.move.end_state import EndState, is_paused
from harness.move.objects import CLUSTER, Inventory, Key, MovableObject
from harness.move.requests import MoverRequest

SURVEY_FILE = "survey.jsonl"
CLUSTER_KIND = f"clusters.{CLUSTER[0]}"
COLLECTION_PARTS = 1
"""What follows the namespace in the path of a collection: its plural. An object's name comes after it."""


class Leftovers(msgspec.Struct, frozen=True):
    """The moved objects in origin and destination: `plural.group/name` -> its marks (paused, marked, dying).

    `gone`: how many no longer exist in the origin.
    """

    origin: dict[str, list[str]] = {}
    destination: dict[str, list[str]] = {}
    gone: int = 0


class Snapshot(msgspec.Struct, frozen=True):
    """What was found while the mover was held before request `number`."""

    number: int
    end: EndState
    left: Leftovers


class RequestTarget(NamedTuple):
    """The object or collection of a request: `plural.group` and the name, if any."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


def leftovers_of(here: Inventory, there: Inventory, before: Collection[Key]) -> Leftovers:
    """What was found of the objects that stood in the origin before the move."""
    return Leftovers(_found(here, before), _found(there, before), sum(key not in here for key in before))


def _found(inventory: Inventory, before: Collection[Key]) -> dict[str, list[str]]:
    items = (inventory[key] for key in sorted(before) if key in inventory)
    return {str(_target_of(item.path)): _marks(item) for item in items}


def _marks(item: MovableObject) -> list[str]:
    is_cluster = item.key[:2] == CLUSTER
    marks = {"paused": is_cluster and is_paused(item), "marked": DELETE_FOR_MOVE in item.annotations, "dying": item.deleting}
    return [mark for mark, holds in marks.items() if holds]


def _target_of(path: str) -> RequestTarget:
    """The target of a URL path; an empty kind if it is not within a namespace."""
    _, root, *parts = path.split("/")
    group = parts.pop(0) if root == "apis" and parts else ""
    if parts[1:2] != ["namespaces"] or len(parts) <= 2 + COLLECTION_PARTS:
        return RequestTarget("", "")
    _, _, _, plural, *name = parts
    return RequestTarget(f"{plural}.{group}" if group else plural, "/".join(name))


class WriteEffects(NamedTuple):
    """What the executed writes of a mover did: objects of the origin by stage, and those that it put into the destination."""

    stages: dict[str, str]
    created: set[str]
    paused: bool
    resumed: bool


def writes_of(requests: Sequence[MoverRequest], origin: Side) -> WriteEffects:
    """Read a mover's executed writes, in their order.

    In the origin it first pauses; an object is then patched (marked), deleted, and patched again (freed of its finalizers). In the
    destination it creates, or updates what is there, and in the end patches the Cluster once more. What it asks twice, after a cut,
    counts once.
    """
    stages: dict[str, str] = {}
    created: set[str] = set()
    paused = resumed = False
    for request in requests:
        asked = _target_of(request.path)
        if not (request.writes and request.executed and asked.kind):
            continue
        if request.cluster == origin and not created:
            paused = paused or asked.kind == CLUSTER_KIND
        elif request.cluster == origin:
            stages[str(asked)] = _stage(request.method, stages.get(str(asked), ""))
        elif request.method in ("POST", "PUT"):
            created.add(f"{asked.kind}/{request.name or asked.name}")
        else:
            resumed = resumed or (asked.kind == CLUSTER_KIND and bool(stages))
    return WriteEffects(stages, created, paused, resumed)


def _stage(method: str, before: str) -> str:
    if method == "DELETE":
        return "deleted"
    return "freed" if before in ("deleted", "freed") else "marked"


def unexplained(left: Leftovers, requests: Sequence[MoverRequest], origin: Side) -> list[str]:
    """Differences between the state found and the one predicted by the executed writes; empty if there are none."""
    did = writes_of(requests, origin)
    return [*_unexplained_origin(left, did), *_unexplained_destination(left, did)]


def _unexplained_origin(left: Leftovers, did: WriteEffects) -> Iterator[str]:
    for name in sorted({*left.origin, *left.destination, *did.stages}):
        allowed = list(_allowed(did.stages.get(name, ""), is_paused=did.paused and name.startswith(f"{CLUSTER_KIND}/")))
        found = left.origin.get(name)
        if found not in allowed:
            yield f"{name} is {_marks_text(found)} in the origin; by the writes it would be {' or '.join(map(_marks_text, allowed))}"
    gone = sum(name not in left.origin for name in did.stages)
    if gone != left.gone:
        yield f"{left.gone} objects are gone from the origin; the writes took {gone}"


def _allowed(stage: str, *, is_paused: bool) -> Iterator[list[str] | None]:
    """The possible marks of an object at this stage (None: gone); without finalizers a deleted object is gone at once."""
    paused = ["paused"] if is_paused else []
    if stage == "":
        yield paused
    elif stage == "marked":
        yield [*paused, "marked"]
    else:
        yield None
    if stage == "deleted":
        yield [*paused, "marked", "dying"]


def _unexplained_destination(left: Leftovers, did: WriteEffects) -> Iterator[str]:
    yield from (
        f"{name} is in the destination; the writes did not put it there" for name in sorted(left.destination.keys() - did.created)
    )
    yield from (
        f"{name} is not in the destination; the writes put it there" for name in sorted(did.created - left.destination.keys())
    )
    expected = [] if did.resumed else ["paused"]
    for name, marks in left.destination.items():
        if name.startswith(f"{CLUSTER_KIND}/") and marks != expected:
            yield f"{name} is {_marks_text(marks)} in the destination; by the writes it would be {_marks_text(expected)}"


def _marks_text(marks: list[str] | None) -> str:
    if marks is None:
        return "gone"
    return " and ".join(marks) or "whole"
