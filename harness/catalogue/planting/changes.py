"""What an object is changed to: small changes of its body, which can be put together."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import NotApplicableError
from harness.journal.facts import Body
from harness.world.world import dig

BodyChange = Callable[[Body], None]
"""Changes a body in place; the body is a copy."""


def put(*path: str, value: Any) -> BodyChange:
    """The change that sets the value at a path."""

    def change(body: Body) -> None:
        for name in path[:-1]:
            inner = body.get(name)
            body[name] = inner if isinstance(inner, dict) else {}
            body = body[name]
        body[path[-1]] = value

    return change


def alter(*path: str, value: Any) -> BodyChange:
    """The change that sets the value at a path, in the versions that have one there."""

    def change(body: Body) -> None:
        inner = dig(body, *path[:-1])
        if isinstance(inner, dict) and path[-1] in inner:
            inner[path[-1]] = value

    return change


def remove(*path: str) -> BodyChange:
    """The change that removes the member at a path, in the versions that have it."""

    def change(body: Body) -> None:
        inner = dig(body, *path[:-1]) if path[:-1] else body
        if isinstance(inner, dict):
            inner.pop(path[-1], None)

    return change


def other_value(part: str) -> BodyChange:
    """The change of one value somewhere in a part of the object, that no controller sets."""

    def change(body: Body) -> None:
        if not change_first(body.get(part)):
            raise NotApplicableError(f"a {body.get('kind')} with a value in its {part}")

    return change


def change_first(place: Any) -> bool:
    """Give the first plain value in nested JSON another value; was there one?"""
    if isinstance(place, dict):
        names: list[Any] = sorted(name for name in place if name not in ("paused", "architecture", "consumerRef", "online"))
    else:
        names = list(range(len(place))) if isinstance(place, list) else []
    for name in names:
        if isinstance(place[name], dict | list):
            if change_first(place[name]):
                return True
        else:
            place[name] = other(place[name])
            return True
    return False


def other(value: Any) -> Any:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int | float) else f"{value}-changed"


def annotate(name: str, value: str = "") -> BodyChange:
    """The change that sets an annotation."""
    return put("metadata", "annotations", name, value=value)


def both(*changes: BodyChange) -> BodyChange:
    """The changes, one after the other."""

    def change(body: Body) -> None:
        for one in changes:
            one(body)

    return change


def clock(draft: Draft, at: float) -> str:
    """A time of the run as the servers write times."""
    run = draft.run.world.run
    began = datetime.fromisoformat(run.started if run else "2026-01-01T00:00:00Z")
    return (began + timedelta(seconds=at)).strftime("%Y-%m-%dT%H:%M:%SZ")


def marked_for_deletion(draft: Draft, at: float | None = None) -> BodyChange:
    """The change that a DELETE makes while finalizers hold the object."""
    return put("metadata", "deletionTimestamp", value=clock(draft, draft.time if at is None else at))
