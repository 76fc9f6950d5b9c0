"""Time runs from the last step that a host made on its way to its new owner, and each step counts once."""

from harness.checks import hosts_adopted
from harness.journal.facts import LabLagged
from harness.metal3 import PAUSED
from harness.world.ironic.progress import last_step, settled_for
from harness.world.moves import judged_moves
from tests.checks.history import Story

ENDED = 100.0


def moved(*, names: tuple[str, ...] = ("node-1", "node-2")) -> Story:
    """Hosts that arrived paused, and a move that ended at a hundred seconds."""
    story = Story().sees("kube", "mover").sees("ironic", cluster="source").sees("ironic", cluster="target")
    for name in names:
        story.host(name)
    story.begins_move()
    for name in names:
        story.host(name, cluster="target", change="added", annotations={PAUSED: "metal3.io/capm3"})
    return story.move(seconds=ENDED - story.time)


def step_of(story: Story) -> float:
    world = story.world(final=False)
    return last_step(world, judged_moves(world)[0])


def taken_up(story: Story, name: str, at: float, **status: object) -> None:
    story.time = at - 1
    story.host(name, cluster="target", change="modified", **status)


def test_without_a_step_time_runs_from_the_end_of_the_move():
    assert step_of(moved()) == ENDED


def test_each_host_that_is_taken_up_begins_the_time_anew():
    story = moved()
    taken_up(story, "node-1", 130.0)
    assert step_of(story) == 130.0
    taken_up(story, "node-2", 180.0)
    assert step_of(story) == 180.0


def test_what_a_host_showed_before_is_no_step_when_it_is_shown_again():
    story = moved()
    for turn, error in enumerate(("a", "b", "c")):
        taken_up(story, "node-1", 130.0 + 50 * turn, errorMessage=error)
    assert step_of(story) == 130.0


def test_a_host_is_late_only_a_while_after_the_last_step_of_any():
    story = moved()
    taken_up(story, "node-1", 130.0)
    story.time = 130.0 + hosts_adopted.ADOPT_SECONDS - 2
    story.host("node-9", cluster="target", change="added")
    says = {it.host: it.verdict for it in hosts_adopted.check(story.world(final=False))}
    assert says["node-2"] == "unknown"
    story.time += 5
    story.host("node-8", cluster="target", change="added")
    says = {it.host: it.verdict for it in hosts_adopted.check(story.world(final=False))}
    assert says["node-2"] == "fail"


def test_what_the_lab_lost_is_no_time_that_anybody_had():
    story = moved()
    story.tell(LabLagged(lost_seconds=900.0), since=ENDED, at=1100.0)
    world = story.world(final=False)
    assert settled_for(world, judged_moves(world)[0]) == 100.0
