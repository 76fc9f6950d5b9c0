"""New objects in the destination that a user asked for, and all that follows from them."""

import pytest

from harness.world.carried.newcomers import unexpected
from harness.world.moved_objects import expected
from harness.world.moves import judged_moves
from tests.checks.history import Story

TREE = (
    ("MachineSet", "MachineDeployment"),
    ("Machine", "MachineSet"),
    ("Metal3Machine", "Machine"),
    ("Metal3DataClaim", "Metal3Machine"),
    ("Metal3Data", "Metal3Machine"),
    ("IPClaim", "Metal3Data"),
)


def added(story: Story, kind: str, owner: str = "") -> None:
    metadata = {"ownerReferences": [{"kind": owner, "name": "fresh", "uid": "u"}]} if owner else {}
    story.object("target", kind, "fresh", {"metadata": metadata}, "added")


@pytest.mark.parametrize("asked", [True, False])
def test_what_follows_from_a_new_deployment_is_its_users_wish_and_else_a_rollout(asked):
    story = Story().sees("kube")
    story.object("source", "Cluster", "lab", {})
    story.move()
    if asked:
        added(story, "MachineDeployment")
    for kind, owner in TREE:
        added(story, kind, owner)
    world = story.ends().world()
    (leg,) = judged_moves(world)
    found = {each.key.kind for each in unexpected(world, expected(world, "source", leg.move.since), leg)}
    assert found == (set() if asked else {kind for kind, _ in TREE})
