"""What an object gained on its way, and what is as good as nothing."""

import pytest

from harness.journal.facts import ObjectSeen
from harness.world.carried.defaults import may_be_default
from harness.world.carried.equality import differing, parts
from harness.world.carried.installed import is_newer
from harness.world.moves import JudgedMove, moves
from harness.world.world import Version
from tests.checks.history import Story


def version(spec) -> Version:
    entry = Story().object("source", "Any", "one", {"spec": spec})
    assert isinstance(entry.fact, ObjectSeen)
    return Version(entry, entry.fact.object or {}, alive=True, metadata={})


@pytest.mark.parametrize(
    ("kind", "before", "after", "expected"),
    [
        ("MachineDeployment", {}, {"naming": "x"}, True),
        ("MachineDeployment", {"naming": {"a": 1}}, {"naming": {"a": 1, "b": 2}}, True),
        ("MachineDeployment", {"naming": [{"a": 1}]}, {"naming": [{"a": 1, "b": 2}]}, True),
        ("MachineDeployment", {"naming": {"a": 1, "gone": False}}, {"naming": {"a": 1, "b": 2}}, True),
        ("MachineDeployment", {"naming": {"a": 1}}, {"naming": {"a": 2}}, False),
        ("MachineDeployment", {"naming": False}, {"naming": True}, False),
        ("MachineDeployment", {"naming": {"a": 1}}, {"naming": {"a": 1, "paused": True}}, False),
        ("BareMetalHost", {}, {"naming": "x"}, False),
    ],
)
def test_a_member_may_be_a_default_where_all_else_is_as_it_was(kind, before, after, expected):
    assert may_be_default(kind, "spec.naming", version(before), version(after)) is expected


def test_neither_a_label_nor_an_order_is_a_default():
    assert not may_be_default("Machine", "label x", version({}), version({}))
    assert not may_be_default("Cluster", "spec.paused", version({}), version({"paused": True}))


@pytest.mark.parametrize("empty", [None, False, "", {}, []])
def test_a_member_that_is_empty_is_as_good_as_none(empty):
    assert differing(parts(version({"a": empty}), "BareMetalHost"), parts(version({}), "BareMetalHost")) == []


@pytest.mark.parametrize("value", [0, True, "x", {"a": 0}])
def test_a_member_that_says_something_is_told(value):
    assert differing(parts(version({"a": value}), "Machine"), parts(version({}), "Machine")) == ["spec.a"]


def test_that_a_host_shall_be_off_is_told():
    old, new = version({"online": True}), version({"online": False})
    assert differing(parts(old, "BareMetalHost"), parts(new, "BareMetalHost")) == ["spec.online"]


@pytest.mark.parametrize(("there", "expected"), [("v1.14.0", False), ("v1.15.0", True)])
def test_definitions_may_be_newer_where_a_provider_is(there, expected):
    story = Story()
    for side, number in (("source", "v1.14.0"), ("target", there)):
        story.object(side, "Provider", "infrastructure-metal3", {"version": number})
    world = story.move().world()
    assert is_newer(world, JudgedMove(moves(world)[0], float("inf"), last=True)) is expected
