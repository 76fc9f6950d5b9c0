"""one_owner: certain overlaps fail, uncertain ones do not, blindness is unknown."""

from harness.checks import one_owner
from harness.journal import facts
from tests.checks.history import PAUSED, Story, of_host


def watched() -> Story:
    story = Story().sees("kube").sees("ironic", cluster="source").sees("ironic", cluster="target")
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
    story = watched()
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
