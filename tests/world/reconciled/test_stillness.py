"""Since when the objects of a move have stood still: what their state is, and what only tells of another look at it."""

from typing import Any

import pytest

from harness.world.reconciled.stillness import last_change
from tests.checks.history import Story


def body(**members: Any) -> dict[str, Any]:
    status = {"phase": "Running", "errorCount": 1, "lastUpdated": "a", "provisioningFailCount": 0}
    return {"metadata": {"resourceVersion": "1", "managedFields": ["a"], "labels": {}}, "status": status} | members


SAME = {
    "the very same": body(),
    "another look": body(status={"phase": "Running", "errorCount": 2, "lastUpdated": "b", "provisioningFailCount": 9}),
    "another write": body(metadata={"resourceVersion": "2", "managedFields": ["b"], "labels": {}}),
}
OTHER = {
    "another state": body(status={"phase": "Failed"}),
    "another label": body(metadata={"resourceVersion": "1", "labels": {"a": "b"}}),
    "another spec": body(spec={"online": False}),
    "no status": body(status=None),
}


@pytest.mark.parametrize("kind", ["BareMetalHost", "Metal3Machine", "Machine", "Metal3Data", "Cluster"])
@pytest.mark.parametrize("later", [*SAME.values(), *OTHER.values()], ids=[*SAME, *OTHER])
def test_an_object_stands_still_since_it_came_into_its_state(kind, later):
    story = Story()
    story.object("source", kind, "a", body(spec={}))
    first = story.object("source", kind, "a", body())
    last = story.object("source", kind, "a", later, "modified")

    assert last_change(story.world()) == (first.at if later in SAME.values() else last.at)


def test_of_all_objects_the_last_change_counts_and_other_kinds_do_not():
    story = Story()
    story.object("source", "Machine", "a", body())
    counted = story.object("source", "Machine", "b", body())
    story.object("source", "Machine", "a", body(), "modified")
    story.object("source", "Event", "e", body(), "added")
    story.object("source", "Secret", "s", body(), "added")

    assert last_change(story.world()) == counted.at
    assert last_change(Story().world()) == 0.0


@pytest.mark.parametrize("changes", [("added", "deleted"), ("added", "deleted", "added")])
def test_to_go_and_to_come_again_are_changes(changes):
    story = Story()
    last = [story.object("source", "Machine", "a", body(), change) for change in changes][-1]

    assert last_change(story.world()) == last.at
