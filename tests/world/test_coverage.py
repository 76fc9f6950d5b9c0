"""What a sight that could not begin means for what is asked of it."""

from harness.journal.facts import ProbeSeen, SightBegan, SightLost, SightRegained
from harness.world.coverage import SightKey
from tests.checks.history import Story

WIDGETS = SightKey("kube", "source", "Widget.example.com")
WHERE = {"cluster": "source", "kind": "Widget.example.com"}


def refused() -> Story:
    story = Story()
    story.tell(SightLost(sight="kube", says="403 Forbidden", **WHERE))
    return story


def test_a_sight_that_could_not_begin_is_none_and_tells_why():
    coverage = refused().world().coverage
    assert not coverage.began(WIDGETS)
    blind = coverage.not_covered(WIDGETS, needed_from=100.0, final=False)
    assert blind is not None
    assert blind.says == "there was no sight on the API server of source Widget.example.com (403 Forbidden)"


def test_a_sight_that_begins_after_all_began_late_and_has_no_gap():
    story = refused()
    began = story.tell(SightBegan(sight="kube", **WHERE)).at
    coverage = story.world().coverage
    assert coverage.not_covered(WIDGETS, needed_from=began + 1, final=False) is None
    late = coverage.not_covered(WIDGETS, needed_from=began - 1, final=False)
    assert late is not None
    assert "began only at" in late.says


def test_a_kind_that_was_not_served_is_seen_from_its_first_moment_that_was_looked_at():
    story = Story()
    story.tell(SightBegan(sight="kube", **WHERE))
    story.tell(SightLost(sight="kube", says="not served until now", **WHERE))
    assert story.world(final=False).coverage.not_covered(WIDGETS, needed_from=100.0, final=False)
    began = story.tell(SightRegained(sight="kube", complete=False, begins=True, **WHERE)).at
    coverage = story.world().coverage

    assert coverage.not_covered(WIDGETS, needed_from=began + 1, final=False) is None
    late = coverage.not_covered(WIDGETS, needed_from=began - 1, final=False)
    assert late is not None
    assert "began only at" in late.says


def test_in_a_move_or_where_nobody_knows_of_one_the_first_moments_of_a_kind_are_a_gap():
    for story in (Story().begins_move(), Story(mode="watch")):
        story.tell(SightBegan(sight="kube", **WHERE))
        story.tell(SightLost(sight="kube", says="not served until now", **WHERE))
        began = story.tell(SightRegained(sight="kube", complete=False, begins=True, **WHERE)).at
        blind = story.world().coverage.not_covered(WIDGETS, needed_from=began + 1, final=False)
        assert blind is not None
        assert "was lost from" in blind.says


def test_a_watch_of_a_kind_whose_group_is_not_told_is_one_of_that_kind_in_any_group():
    story = Story().sees("kube", cluster="source", kind="Widget").sees("kube", cluster="source", kind="IPAddress")
    covered = story.world().coverage
    assert covered.began(WIDGETS)
    assert not covered.began(SightKey("kube", "source", "IPAddress.ipam.cluster.x-k8s.io"))


def probed(*answers: bool) -> str:
    """Why the API server of the target was not seen whole, after these probes of it; empty where it was."""
    story = Story().sees("kube", cluster="target", kind="Machine")
    for ok in answers:
        fact = ProbeSeen(vantage="target", what="kube", address="https://x", ok=ok, layer="tcp", says="" if ok else "refused")
        story.tell(fact)
    blind = story.ends().world().not_covered(SightKey("kube", "target", "Machine"))
    return blind.says if blind else ""


def test_an_api_server_that_is_not_reached_at_the_end_is_not_seen():
    assert "it was not reached any more, tcp: refused" in probed(True, False)
    assert "it was not reached any more" in probed(False)
    assert probed(True) == ""


def test_an_api_server_that_is_reached_again_was_seen_as_its_watches_tell():
    assert probed(True, False, True) == ""
    assert "was lost" in probed(False, True, False)


def test_a_probe_of_another_side_or_of_something_else_blinds_nothing():
    story = Story().sees("kube", cluster="target", kind="Machine")
    story.tell(ProbeSeen(vantage="source", what="kube", address="https://x", ok=False, layer="tcp"))
    story.tell(ProbeSeen(vantage="target", what="image", address="https://x", ok=False, layer="tcp"))
    assert story.ends().world().not_covered(SightKey("kube", "target", "Machine")) is None
