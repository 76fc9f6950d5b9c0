"""What changed in an object, as data; and how reports and comparisons tell the same change."""

import pytest

from harness.compare.words import condition_words, host_words, node_words
from harness.report.moments import Narrator
from harness.world.changes.objects import MARKS, change_between
from tests.checks.history import Story

PAUSED = "baremetalhost.metal3.io/paused"
BLOCK_MOVE = "clusterctl.cluster.x-k8s.io/block-move"


def changed(*versions, kind="BareMetalHost"):
    """The change that the last of these versions (change, body) made."""
    story = Story()
    entries = [story.object("target", kind, "node-1", body, change) for change, body in versions]
    before, after = story.world().version_of(entries[-1])
    return change_between(kind, before, after)


def told(*versions, kind="BareMetalHost"):
    """What the report says of the last version."""
    story = Story()
    for change, body in versions:
        story.object("target", kind, "node-1", body, change)
    narrator = Narrator()
    moments = [narrator.tell(entry) for entry in story.entries]
    return moments[-1] and moments[-1].text


def host(state="provisioned", *, marks=(), deleted="", **status):
    metadata = {"annotations": dict.fromkeys(marks, "x")} | ({"deletionTimestamp": deleted} if deleted else {})
    provisioning = {"state": state, "ID": status.pop("ID", "1")}
    return {"metadata": {"name": "node-1"} | metadata, "status": {"lastUpdated": "t", "provisioning": provisioning, **status}}


def test_a_version_that_changes_nothing_that_matters_is_no_change():
    change = changed(("listed", host(poweredOn=True)), ("modified", host(poweredOn=True, hardware={"cpu": 1})))
    assert (change.came, change.gone, change.deleting, change.marks_set, change.marks_removed) == ("", False, False, (), ())
    assert (change.fields, change.conditions) == ({}, {})
    assert list(host_words(change)) == []


def test_of_a_kind_without_fields_of_its_own_only_marks_and_conditions_change():
    change = changed(("listed", {"data": 1}), ("modified", {"data": 2, "metadata": {"annotations": {PAUSED: ""}}}), kind="Secret")
    assert (change.fields, change.conditions, change.marks_set) == ({}, {}, (PAUSED,))


def test_report_and_comparison_tell_the_same_change():
    versions = (
        ("listed", host("provisioned", marks=[PAUSED])),
        ("modified", host("inspecting", marks=[BLOCK_MOVE], deleted="now", errorType="power", ID="2")),
    )
    assert list(host_words(changed(*versions))) == [
        "+block-move",
        "-paused",
        "deletionTimestamp",
        "state inspecting",
        "new node",
        "error power",
    ]
    assert told(*versions) == (
        "BareMetalHost: block-move is set; its pause is gone; is being deleted; state provisioned → inspecting; "
        "provisioning ID 1 → 2; error none → power"
    )


@pytest.mark.parametrize(
    ("change", "came", "words", "text"),
    [
        ("listed", "listed", "is provisioned, with paused", "BareMetalHost is there, state provisioned; its pause is set"),
        ("added", "added", "added provisioned, with paused", "BareMetalHost appears, state provisioned; its pause is set"),
    ],
)
def test_an_object_that_comes_is_told_with_all_that_it_carries(change, came, words, text):
    version = change, host(marks=[PAUSED])
    assert changed(version).came == came
    assert list(host_words(changed(version))) == [words]
    assert told(version) == text


def test_an_object_that_was_deleted_and_is_there_again_has_come_anew():
    versions = ("listed", host(marks=[PAUSED])), ("deleted", host(marks=[PAUSED])), ("added", host(marks=[PAUSED]))
    assert (changed(*versions).before, changed(*versions).marks_set) == (None, (PAUSED,))
    assert told(*versions) == "BareMetalHost appears, state provisioned; its pause is set"
    assert changed(*versions[:2]).gone
    assert (list(host_words(changed(*versions[:2]))), told(*versions[:2])) == (["deleted"], "BareMetalHost is gone")


def test_a_status_that_was_empty_is_restored():
    empty = {"metadata": {"name": "node-1"}, "status": {}}
    assert list(host_words(changed(("added", empty), ("modified", host())))) == ["restored as provisioned"]


def test_an_empty_text_is_no_value():
    assert changed(("listed", host(errorType="")), ("modified", host())).fields == {}


def test_conditions_change_by_status_or_reason():
    def body(status, reason):
        return {"metadata": {"name": "node-1"}, "status": {"conditions": [{"type": "Ready", "status": status, "reason": reason}]}}

    versions = ("listed", body("True", "Fine")), ("modified", body("False", ""))
    assert list(condition_words(changed(*versions))) == ["Ready=False (no reason)"]
    assert list(node_words(changed(*versions, kind="Node"))) == ["Ready False"]
    assert told(*versions, kind="Node") == "Node: Ready True → False"
    same = ("listed", body("True", "Fine")), ("modified", body("True", "Better"))
    assert list(node_words(changed(*same, kind="Node"))) == []


def test_the_marks_of_a_pivot_are_told_by_distinct_words():
    assert len({mark.rpartition("/")[2] for mark in MARKS}) == len(MARKS)
