import pytest

from harness.checks import move_completes
from harness.journal import facts
from harness.judgement import merge
from tests.checks.history import Story


def cluster(story, side, *, paused=False, change="listed"):
    story.object(side, "Cluster", "lab", {"metadata": {"name": "lab", "namespace": "metal3"}, "spec": {"paused": paused}}, change)


def killed_once(*, paused_at_the_end=False, second=True, left_behind=False):
    """A mover that was killed, and what came after it."""
    story = Story().sees("mover", "kube")
    cluster(story, "source")
    story.host()
    story.move(code=-9)
    if second:
        story.tell(facts.MoverStarted(mover=2, origin="source", destination="target"))
    cluster(story, "target", paused=paused_at_the_end, change="added")
    if not left_behind:
        cluster(story, "source", change="deleted")
    if second:
        story.tell(facts.MoverEnded(mover=2, code=0, seconds=9))
    return story.ends().world()


def verdicts(judgements):
    return [judgement.verdict for judgement in judgements]


def test_a_mover_that_was_killed_is_a_failure():
    assert verdicts(move_completes.check(killed_once())) == ["fail", "pass", "pass"]


def test_a_mover_that_the_scenario_killed_is_none():
    said = list(move_completes.check(killed_once(), killed=1))

    assert verdicts(said) == ["pass", "pass", "pass"]
    assert said[0].says == "the move from source to target was killed by signal 9, as the scenario has it"


def test_only_so_many_movers_are_excused():
    story = Story().sees("mover", "kube")
    cluster(story, "source")
    story.host()
    for number in (1, 2):
        story.tell(facts.MoverStarted(mover=number, origin="source", destination="target"))
        story.tell(facts.MoverEnded(mover=number, code=-9, seconds=1))
    cluster(story, "target", change="added")
    cluster(story, "source", change="deleted")

    assert verdicts(move_completes.check(story.ends().world(), killed=1)) == ["pass", "fail", "pass"]


def test_where_the_clusters_are_is_judged_although_no_mover_came_to_its_end():
    assert verdicts(move_completes.check(killed_once(second=False), killed=1)) == ["pass", "pass"]
    assert verdicts(move_completes.check(killed_once(second=False, paused_at_the_end=True), killed=1)) == ["pass", "fail"]


def test_a_killed_mover_that_nobody_went_on_with_is_told_by_the_cluster_that_did_not_arrive():
    story = Story().sees("mover", "kube")
    cluster(story, "source")
    story.host()
    story.move(code=-9)
    said = list(move_completes.check(story.ends().world(), killed=1))

    assert verdicts(said) == ["pass", "fail"]
    assert "did not arrive in the target" in said[1].says


def test_without_the_scenarios_word_a_run_without_a_completed_move_stays_unknown():
    assert verdicts(move_completes.check(killed_once(second=False))) == ["fail", "unknown"]


def told(*facts_of_the_mover, code=0):
    story = Story().sees("mover", "kube")
    cluster(story, "source")
    story.host()
    story.tell(facts.MoverStarted(mover=1, origin="source", destination="target"))
    for fact in facts_of_the_mover:
        story.tell(fact)
    story.tell(facts.MoverEnded(mover=1, code=code))
    cluster(story, "target", change="added")
    cluster(story, "source", change="deleted")
    return list(move_completes.check(story.ends().world()))


REFUSED = "Object won't be moved because it's not included in GVK considered for move"
LINES = {
    "Retrying with backoff": "pass",
    "Excluding secret from move (not linked with any Cluster)": "pass",
    f'{REFUSED} kind="BareMetalHost" name="node-1"': "fail",
    f'{REFUSED} kind="HelmRelease" name="of-somebody"': "unknown",
}


@pytest.mark.parametrize(("line", "verdict"), LINES.items())
def test_what_the_mover_says_of_an_object_that_it_leaves(line, verdict):
    assert verdicts(told(facts.MoverSaid(mover=1, line=line))) == [verdict, "pass"]


def test_a_mover_with_two_ends_has_none():
    assert verdicts(told(facts.MoverEnded(mover=1, code=1))) == ["unknown", "pass"]


@pytest.mark.parametrize(("paused", "verdict"), [(False, "pass"), (True, "unknown")])
def test_a_cluster_that_was_paused_before_the_first_mover_that_was_seen_tells_of_another_one(paused, verdict):
    story = Story().sees("mover", "kube")
    cluster(story, "source")
    story.host()
    cluster(story, "source", paused=paused, change="modified")
    story.begins_move()
    cluster(story, "target", change="added")
    cluster(story, "source", change="deleted")
    story.move()

    assert merge(verdicts(move_completes.check(story.ends().world()))) == verdict


@pytest.mark.parametrize(("looked_from_the_begin", "verdict"), [(False, "unknown"), (True, "pass")])
def test_a_cluster_that_was_paused_before_anybody_looked_at_movers_may_have_been_by_one(looked_from_the_begin, verdict):
    story = Story().sees("kube", *(["mover"] if looked_from_the_begin else []))
    for paused in (False, True, False):
        story.object("source", "Cluster", "lab", {"spec": {"paused": paused}}, "modified" if story.entries[-1].seq else "listed")
    if not looked_from_the_begin:
        story.sees("mover")
    story.move()
    story.object("source", "Cluster", "lab", {}, "deleted")
    story.object("target", "Cluster", "lab", {"spec": {}}, "added")

    assert merge(said.verdict for said in move_completes.check(story.ends().world())) == verdict


@pytest.mark.parametrize(
    ("line", "verdict", "says"),
    [
        ("Clusters=1", "pass", "ended with exit code 0"),
        ("Clusters=0", "fail", "the move from source to target ended with exit code 0 and moved 0 of 1 Clusters"),
        ("Error: it was not well", "unknown", "ended with exit code 0, and says: Error: it was not well"),
        ("no Error: it was well", "pass", "ended with exit code 0"),
    ],
)
def test_what_a_mover_that_ended_well_says_of_itself(line, verdict, says):
    said, _ = told(
        facts.MoverSaid(mover=1, line="Moving"), facts.MoverSaid(mover=1, line=line), facts.MoverSaid(mover=1, line="-")
    )

    assert (said.verdict, says in said.says) == (verdict, True), said.says


@pytest.mark.parametrize(
    ("code", "how"),
    [(1, "ended with exit code 1: Error: the last"), (-9, "was killed by signal 9: Error: the last")],
)
def test_of_a_mover_that_failed_its_last_error_is_told(code, how):
    lines = [facts.MoverSaid(mover=1, line=it) for it in ("Error: the first", "Error: the last", "usage")]
    said = told(*lines, code=code)[0]

    assert (said.verdict, said.says) == ("fail", f"the move from source to target {how}")


def seen_without_its_mover(*versions: tuple[str, bool, str]) -> list[tuple[str, str]]:
    """What is said where nobody watched the mover, and the Cluster was seen in these versions: side, paused, change."""
    story = Story(mode="watch").sees("kube")
    cluster(story, "source")
    story.host()
    for side, paused, change in versions:
        cluster(story, side, paused=paused, change=change)
    return [(said.verdict, said.says) for said in move_completes.check(story.ends().world())]


PAUSING, ARRIVING = ("source", True, "modified"), ("target", True, "added")
GOING, RUNNING = ("source", True, "deleted"), ("target", False, "modified")


def test_a_move_that_only_the_clusters_tell_of_ended_where_its_cluster_was_unpaused():
    way = "the move from source to target: the Cluster was"

    assert seen_without_its_mover(PAUSING, ARRIVING, GOING, RUNNING) == [
        ("pass", f"{way} un-paused there"),
        ("pass", "all Clusters are in the target, un-paused"),
    ]
    assert seen_without_its_mover(PAUSING, ARRIVING, GOING) == [
        ("fail", f"{way} never un-paused there"),
        ("unknown", "no move came to its end"),
    ]


def clusters_at_the_end(*versions: tuple[str, str, bool, str]) -> tuple[str, str]:
    """What is said of the Clusters after a move, of which these were seen: side, name, paused, change."""
    story = Story().sees("kube", "mover")
    for name in ("lab", "other"):
        story.object("source", "Cluster", name, {"spec": {}})
    story.host()
    story.move()
    for side, name, paused, change in versions:
        story.object(side, "Cluster", name, {"spec": {"paused": paused}}, change)
    said = list(move_completes.check(story.ends().world()))[-1]
    return said.verdict, said.says


MOVED = [("target", "lab", False, "added"), ("source", "lab", True, "deleted")]
OTHER = [("target", "other", False, "added"), ("source", "other", True, "deleted")]


def test_every_cluster_is_looked_at_and_all_that_is_wrong_is_told():
    assert clusters_at_the_end(*MOVED, *OTHER)[0] == "pass"
    assert clusters_at_the_end(*MOVED) == (
        "fail",
        "Cluster other did not arrive in the target; Cluster other is still in the source",
    )
    assert clusters_at_the_end(*MOVED, ("target", "other", True, "added")) == (
        "fail",
        "Cluster other is still paused in the target; Cluster other is still in the source",
    )


@pytest.mark.parametrize("body", [{"metadata": {"deletionTimestamp": "now"}}, None])
def test_a_cluster_that_was_going_or_gone_before_the_move_need_not_arrive(body):
    story = Story().sees("kube", "mover")
    story.object("source", "Cluster", "old", body or {}, "listed" if body else "deleted")
    cluster(story, "source")
    story.host()
    story.move()
    cluster(story, "target", change="added")
    cluster(story, "source", change="deleted")

    assert verdicts(move_completes.check(story.ends().world())) == ["pass", "pass"]


@pytest.mark.parametrize(("paused", "verdict"), [(False, "pass"), (True, "fail")])
def test_a_cluster_that_its_user_deleted_afterwards_is_judged_as_it_was_then(paused, verdict):
    story = Story().sees("kube", "mover", "audit")
    cluster(story, "source")
    story.host()
    story.move()
    cluster(story, "source", change="deleted")
    cluster(story, "target", paused=paused, change="added")
    story.time += 100
    story.tell(facts.ApiWrite(cluster="target", user="anna", verb="delete", resource="clusters", name="lab", namespace="metal3"))
    body = {"metadata": {"namespace": "metal3", "deletionTimestamp": "now"}, "spec": {"paused": paused}}
    story.object("target", "Cluster", "lab", body, "modified")
    story.object("target", "Cluster", "lab", body, "deleted")

    assert verdicts(move_completes.check(story.ends().world()))[-1] == verdict
