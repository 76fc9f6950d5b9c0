"""What the moves make of a run: its legs, and the moves that are judged."""

from harness.journal import facts
from harness.journal.entry import Entry
from harness.world.moves import judged_moves, legs, moves
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
