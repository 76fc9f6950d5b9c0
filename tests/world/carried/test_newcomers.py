"""New objects in the destination that a user asked for, and all that follows from them."""

import pytest

from harness.journal.facts import FieldManager
from harness.world.carried.newcomers import notes, unexpected
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


USER = FieldManager(manager="kubectl-create", operation="Update")
LAB = {"ownerReferences": [{"kind": "Cluster", "name": "lab", "uid": "u"}]}
SET = {"ownerReferences": [{"kind": "MachineSet", "name": "old", "uid": "u"}]}
MADE = {
    "a pool of its user's": ("IPPool", {}, {}, True),
    "a Machine of its user's": ("Machine", LAB, {"infrastructureRef": {"name": "other"}}, True),
    "a Machine of a rollout": ("Machine", SET, {}, False),
}


@pytest.mark.parametrize(("kind", "metadata", "spec", "wanted"), MADE.values(), ids=MADE)
def test_what_a_user_made_after_the_move_is_a_note(kind, metadata, spec, wanted):
    story = Story().sees("kube")
    story.object("source", "Cluster", "lab", {})
    story.move()
    story.object("target", kind, "fresh", {"metadata": metadata, "spec": spec}, "added", managers=[USER])
    world = story.ends().world()
    (leg,) = judged_moves(world)
    before = expected(world, "source", leg.move.since)
    assert [each.key.kind for each in unexpected(world, before, leg)] == ([] if wanted else [kind])
    assert [f"{kind} fresh was made in the target at" in each for each in notes(world, before, leg)] == [True] * wanted
