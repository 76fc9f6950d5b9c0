"""one_owner: certain overlaps fail, uncertain ones do not, blindness is unknown."""

import pytest

from harness.checks import one_owner
from harness.journal import facts
from tests.checks.history import PAUSED, Story, host_body, of_host


def watched(*, target: bool = False) -> Story:
    story = Story().sees("kube").sees("ironic", cluster="source").sees("ironic", cluster="target")
    for side in facts.SIDES:
        story.tell(facts.IronicAnswers(ironic=side, up=side == "source" or target))
    story.host()
    return story


def node(story: Story, side, uuid: str, state: str = "active", **more) -> None:
    story.tell(
        facts.IronicNode(ironic=side, uuid=uuid, name="metal3~node-1", node={"uuid": uuid, "provision_state": state}), **more
    )


def judge(story: Story):
    return of_host(one_owner.check(story.ends().world()))


def test_an_ironic_that_ends_before_the_other_begins_is_one_owner():
    story = watched()
    node(story, "source", "a")
    story.tell(facts.IronicAnswers(ironic="source", up=False))
    story.move()
    node(story, "target", "b")

    assert judge(story).verdict == "pass"


def test_two_ironics_with_a_node_of_the_host_at_once_fail():
    story = watched()
    node(story, "source", "a")
    story.move()
    node(story, "target", "b")
    judgement = judge(story)

    assert judgement.verdict == "fail"
    assert "the Ironics of both clusters held it" in judgement.says


def test_one_ironic_that_both_clusters_use_is_one_owner():
    story = watched(target=True)
    node(story, "source", "a")
    story.move()
    node(story, "target", "a")

    assert judge(story).verdict == "pass"


def test_intervals_that_only_may_overlap_are_no_failure():
    story = watched()
    node(story, "source", "a")
    story.move()
    node(story, "target", "b", since=20.0, at=30.0)
    story.tell(facts.IronicAnswers(ironic="source", up=False), since=19.0, at=31.0)

    assert judge(story).verdict == "pass"


def test_two_unpaused_copies_fail():
    story = watched()
    story.move()
    story.host(cluster="target", change="added")
    story.host(cluster="target", change="modified")

    assert "un-paused in both clusters" in judge(story).says


def test_a_paused_copy_beside_an_unpaused_one_is_every_moves_middle():
    story = watched()
    story.move()
    story.host(cluster="target", change="added", annotations={PAUSED: "metal3.io/capm3"})

    assert judge(story).verdict == "pass"


def test_a_hole_in_sight_on_an_ironic_is_unknown():
    story = watched()
    story.tell(facts.SightLost(sight="ironic", cluster="source"))
    story.tell(facts.SightRegained(sight="ironic", cluster="source", complete=False))

    assert judge(story.move()).verdict == "unknown"


# --- a second owner of whom it was not seen that he did anything ---


def told_apart() -> Story:
    """Two Ironics: the source's did not answer while the target's did."""
    story = watched()
    story.tell(facts.IronicAnswers(ironic="source", up=False))
    story.tell(facts.IronicAnswers(ironic="target", up=True))
    story.move()
    node(story, "target", "a")
    return story


def test_two_ironics_with_one_database_are_unknown():
    story = told_apart()
    story.tell(facts.IronicAnswers(ironic="source", up=True))
    node(story, "source", "a")
    judgement = judge(story)

    assert judgement.verdict == "unknown"
    assert "a copy of the other's database" in judgement.says


def test_a_second_ironic_that_has_no_node_owns_nothing():
    story = told_apart()
    story.tell(facts.IronicAnswers(ironic="source", up=True))

    assert judge(story).verdict == "pass"


def copied(story: Story) -> None:
    story.tell(facts.MoverStarted(mover=1, origin="source", destination="target"))
    story.host(change="modified", annotations={PAUSED: "metal3.io/capm3"})
    story.host(cluster="target", change="added", annotations={PAUSED: "metal3.io/capm3"})


def ended_well(story: Story) -> Story:
    story.tell(facts.MoverEnded(mover=1, code=0))
    return story


def test_an_ironic_that_was_awake_when_the_copy_was_made_is_unknown():
    story = watched()
    node(story, "source", "a")
    copied(story)
    story.tell(facts.IronicAnswers(ironic="source", up=False))
    judgement = judge(ended_well(story))

    assert judgement.verdict == "unknown"
    assert "the Ironic of the source was awake, with its node, when its copy was made" in judgement.says


def test_an_ironic_that_slept_before_is_one_owner():
    story = watched()
    node(story, "source", "a")
    story.tell(facts.IronicAnswers(ironic="source", up=False))
    copied(story)

    assert judge(ended_well(story)).verdict == "pass"


@pytest.mark.parametrize(
    ("annotations", "verdict"),
    [
        ({}, "unknown"),
        ({PAUSED: "metal3.io/capm3"}, "pass"),
        ({"clusterctl.cluster.x-k8s.io/delete-for-move": ""}, "pass"),
    ],
)
def test_a_copy_that_is_unpaused_in_mid_move_is_unknown_but_for_its_deletion(annotations, verdict):
    story = watched()
    copied(story)
    story.object("source", "BareMetalHost", "node-1", host_body("node-1", annotations=annotations), "modified")
    story.object("source", "BareMetalHost", "node-1", {}, "deleted")

    assert judge(ended_well(story)).verdict == verdict


# --- sights that end early ---


def ends_early(story: Story, **where: str) -> None:
    story.tell(facts.SightEnded(sight="kube", complete=True, **where))


def test_a_copy_that_nobody_looked_at_any_more_is_no_second_owner():
    story = Story().sees("ironic").sees("kube", cluster="source").sees("kube", cluster="target")
    story.host()
    ends_early(story, cluster="source")
    story.move()
    story.host(cluster="target", change="added")

    assert judge(story).verdict == "unknown"


def test_a_second_owner_that_was_seen_before_the_sight_ended_fails_all_the_same():
    story = Story().sees("ironic").sees("kube", cluster="source").sees("kube", cluster="target")
    story.host()
    story.move()
    story.host(cluster="target", change="added")
    story.host(cluster="target", change="modified")
    ends_early(story, cluster="source")

    assert judge(story).verdict == "fail"
