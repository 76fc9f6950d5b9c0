"""What the moves make of a run: its legs, and the moves that are judged."""

import msgspec
import pytest

from harness.journal import facts
from harness.journal.entry import Entry
from harness.world.moves import judged_moves, legs, moves, provisionings, steady_since, tried_since
from harness.world.world import World
from tests.checks.history import Story

FOREVER = float("inf")


def a_run(*moves: tuple[str, str, int]) -> Story:
    """Moves of ten seconds each, a hundred seconds apart."""
    story = Story()
    for number, (origin, destination, code) in enumerate(moves, 1):
        story.tell(facts.MoverStarted(mover=number, origin=origin, destination=destination), at=100.0 * number)
        story.tell(facts.MoverEnded(mover=number, code=code, seconds=10.0), at=100.0 * number + 10)
    return story


def test_repetitions_of_a_move_are_one_leg_and_only_what_completed_is_judged():
    world = a_run(("source", "target", -9), ("source", "target", 0)).world()
    assert [(leg.origin, leg.destination, leg.began, len(leg.moves)) for leg in legs(world)] == [("source", "target", 100.0, 2)]
    assert [(one.move.since, one.until, one.last) for one in judged_moves(world)] == [(200.0, FOREVER, True)]


def test_there_and_back_are_two_legs_and_each_is_judged_until_the_next():
    world = a_run(("source", "target", 0), ("target", "source", 0)).world()
    assert [(leg.origin, leg.since, leg.until) for leg in legs(world)] == [("source", -1.0, 110.0), ("target", 110.0, FOREVER)]
    assert [(one.move.origin, one.until, one.last) for one in judged_moves(world)] == [
        ("source", 200.0, False),
        ("target", FOREVER, True),
    ]


def test_a_run_that_settled_between_two_moves_is_cut_there():
    story = a_run(("source", "target", 0))
    story.tell(facts.StepEnded(step="2", word="settle", how="done"), at=150.0)
    story.tell(facts.MoverStarted(mover=2, origin="target", destination="source"), at=200.0)
    assert [leg.until for leg in legs(story.world())] == [150.0, FOREVER]


def test_where_nothing_completed_the_last_try_is_judged():
    world = a_run(("source", "target", 1), ("source", "target", 2)).world()
    assert [(one.move.code, one.last) for one in judged_moves(world)] == [(2, True)]
    assert judged_moves(Story().world()) == []


def test_a_dry_run_and_the_move_of_another_namespace_are_no_moves():
    for command in ("clusterctl move --dry-run", "clusterctl move --dry-run=true -n metal3", "clusterctl move -n elsewhere"):
        story = Story()
        story.tell(facts.MoverStarted(mover=1, origin="source", destination="target", command=command))
        story.tell(facts.MoverEnded(mover=1, code=0))
        assert moves(story.world()) == []


def test_other_commands_are_moves():
    for command in ("", "clusterctl move", "clusterctl move --dry-run=false --namespace=metal3"):
        story = Story()
        story.tell(facts.MoverStarted(mover=1, origin="source", destination="target", command=command))
        assert len(moves(story.world())) == 1


def test_a_move_that_was_begun_when_all_was_moved_is_not_judged():
    story = Story()
    story.object("source", "Cluster", "lab", {})
    story.move()
    story.object("target", "Cluster", "lab", {}, "added")
    story.object("source", "Cluster", "lab", {}, "deleted")
    story.tell(facts.MoverStarted(mover=2, origin="source", destination="target"))
    story.tell(facts.MoverEnded(mover=2, code=0))
    assert [one.move.since for one in judged_moves(story.world())] == [moves(story.world())[0].since]


def test_a_leg_holds_what_came_after_its_begin_up_to_its_end():
    there, back = legs(a_run(("source", "target", 0), ("target", "source", 0)).world())
    at = {at: Entry(0, at, at, facts.HarnessStalled(seconds=0.0)) for at in (-1.0, 0.0, 110.0, 110.1)}

    assert [at for at, entry in at.items() if there.holds(entry)] == [0.0, 110.0]
    assert [at for at, entry in at.items() if back.holds(entry)] == [110.1]
    assert (there.destination, back.destination) == ("target", "source")


def test_a_run_without_a_move_is_one_leg_from_its_begin():
    (leg,) = legs(Story().world())

    assert (leg.origin, leg.destination, leg.began, leg.since, leg.until) == ("source", "target", 0.0, -1.0, FOREVER)


def test_a_provisioning_before_the_moves_is_a_leg_of_its_own():
    story = Story()
    story.tell(facts.StepBegan(step="1", word="provision"), at=10.0)
    story.tell(facts.StepEnded(step="1", word="provision", how="done"), at=50.0)
    story.tell(facts.MoverStarted(mover=1, origin="target", destination="source"), at=100.0)
    first, second = legs(story.world())

    assert (first.moves, first.since, first.until, first.began) == ((), -1.0, 50.0, 0.0)
    assert (second.since, second.until, second.began, second.origin) == (50.0, FOREVER, 100.0, "target")


def test_attempts_of_the_same_way_that_did_not_complete_belong_to_a_move():
    ways = (
        ("source", "target", 0),
        ("source", "target", 1),
        ("target", "source", 1),
        ("source", "target", 2),
        ("source", "target", 0),
    )
    world = a_run(*ways).world()

    assert [tried_since(world, move) for move in moves(world)] == [100.0, 200.0, 300.0, 400.0, 400.0]


@pytest.mark.parametrize(("stays", "judged"), [(False, [100.0]), (True, [100.0, 200.0])])
def test_a_move_that_had_nothing_to_move_is_not_judged(stays, judged):
    story = Story()
    cluster(story, "source", 50.0, change="listed")
    story.tell(facts.MoverStarted(mover=1, origin="source", destination="target"), at=100.0)
    cluster(story, "target", 105.0, change="added")
    if not stays:
        cluster(story, "source", 107.0, change="deleted")
    story.tell(facts.MoverEnded(mover=1, code=0), at=110.0)
    story.tell(facts.MoverStarted(mover=2, origin="source", destination="target"), at=200.0)
    story.tell(facts.MoverEnded(mover=2, code=0), at=210.0)

    assert [one.move.since for one in judged_moves(story.world())] == judged


def cluster(story: Story, side: str, at: float, *, paused: bool = False, change: str = "modified") -> None:
    story.object(side, "Cluster", "lab", {"spec": {"paused": True} if paused else {}}, change)
    story.entries[-1] = Entry(story.entries[-1].seq, at - 0.5, at, story.entries[-1].fact)


def test_a_move_that_only_the_clusters_tell_of_began_with_its_pause_and_ended_with_its_end():
    story = Story()
    cluster(story, "source", 5.0, change="listed")
    cluster(story, "source", 10.0, paused=True)
    cluster(story, "source", 20.0, paused=True)
    cluster(story, "target", 30.0, paused=True, change="added")
    (running,) = moves(story.world())
    assert (running.since, running.until, running.code, running.done, running.evidence) == (19.5, FOREVER, None, False, (4,))
    cluster(story, "target", 40.0)
    (move,) = moves(story.world())

    assert (move.origin, move.destination, move.since, move.until) == ("source", "target", 19.5, 40.0)
    assert (move.done, move.evidence, move.begun_before) == (True, (4, 5), False)


@pytest.mark.parametrize(
    ("first", "paused", "before"), [("listed", True, True), ("listed", False, False), ("added", True, False)]
)
def test_a_move_had_begun_before_the_watch_where_its_cluster_was_listed_paused(first, paused, before):
    story = Story()
    cluster(story, "source", 5.0, paused=paused, change=first)
    cluster(story, "source", 10.0, paused=True)
    cluster(story, "target", 30.0, change="added")

    assert [move.begun_before for move in moves(story.world())] == [before]


@pytest.mark.parametrize("change", ["listed", "modified"])
def test_a_cluster_that_was_there_or_that_the_other_side_did_not_have_was_not_moved(change):
    story = Story()
    cluster(story, "source", 5.0, change="listed")
    cluster(story, "target", 30.0, change=change)
    assert moves(story.world()) == []

    story = Story()
    cluster(story, "source", 5.0, change="listed")
    cluster(story, "source", 6.0, change="deleted")
    cluster(story, "target", 30.0, change="added")
    assert moves(story.world()) == []


def test_where_movers_were_watched_the_clusters_tell_of_no_move():
    story = Story().sees("mover")
    cluster(story, "source", 5.0, change="listed")
    cluster(story, "target", 30.0, change="added")

    assert moves(story.world()) == []


def test_a_run_that_only_provisioned_is_one_leg_and_one_that_moved_then_has_that_before():
    story = Story()
    for word, how in (("provision", "done"), ("provision_workers", "done"), ("provision", "failed"), ("settle", "done")):
        story.tell(facts.StepEnded(step="1", word=word, how=how), at=story.time + 10)
    world = story.world()
    assert provisionings(world) == [11.0, 21.0]
    assert [(leg.origin, leg.destination, leg.began, leg.since, leg.until) for leg in legs(world)] == [
        ("source", "target", 0.0, -1.0, FOREVER)
    ]
    story.time = 50.0
    story.begins_move().move()
    assert [(len(leg.moves), leg.since, leg.until) for leg in legs(story.world())] == [(0, -1.0, 21.0), (1, 21.0, FOREVER)]


def test_a_leg_holds_what_came_in_it():
    first, second = legs(a_run(("source", "target", 0), ("target", "source", 0)).world())
    fact = facts.MoverSaid(mover=1, line="")
    held = [(at, first.holds(Entry(1, at, at, fact)), second.holds(Entry(1, at, at, fact))) for at in (0.0, 110.0, 110.5)]

    assert held == [(0.0, True, False), (110.0, True, False), (110.5, False, True)]


STEADY = {
    "nothing was promised": ("move", "", None),
    "the run is to be steady": ("steady", "", 4.0),
    "a block is to be steady": ("move", "2", 6.0),
    "a block that never began": ("move", "9", 0.0),
}


@pytest.mark.parametrize(("promise", "stage", "since"), STEADY.values(), ids=STEADY)
def test_from_when_on_nothing_may_harm_a_host(promise, stage, since):
    story = Story()
    story.entries[0] = Entry(0, 0.0, 1.0, msgspec.structs.replace(story.entries[0].fact, promise=promise))
    story.sees("ironic").sees("kube", cluster="source").sees("kube", cluster="target")
    story.tell(facts.StepBegan(step="1", word="quiet"))
    story.tell(facts.StepBegan(step="2", word="quiet"))
    story.tell(facts.StepBegan(step="2", word="quiet"))
    story.sees("kube", cluster="workload")

    assert steady_since(World(story.entries, stage=stage)) == since
