"""annotations_consumed: a table of stories, kept, broken and unsure."""

import pytest

from harness.checks import annotations_consumed
from harness.journal import facts
from harness.judgement import Judgement
from harness.metal3 import DELETE_FOR_MOVE, DETACHED, INSPECT, PAUSED, REBOOT, STATUS
from tests.checks.history import Story, of_host

LONG = annotations_consumed.CONSUME_SECONDS + 1


def moved(*left: str, before: tuple[str, ...] = (), watched: float = LONG) -> Story:
    """A move, after which the copy carries these annotations for so many seconds."""
    story = Story().sees("kube", "mover")
    story.host(annotations=dict.fromkeys(before, ""))
    story.move()
    story.host(cluster="target", change="added", annotations=dict.fromkeys((PAUSED, STATUS), ""))
    story.host(cluster="target", change="modified", annotations=dict.fromkeys(left, ""))
    story.time += watched
    return story


def judged(story: Story) -> Judgement:
    return of_host(annotations_consumed.check(story.ends().world()))


@pytest.mark.parametrize(
    ("story", "verdict", "says"),
    [
        (moved(), "pass", "all annotations of the move are consumed"),
        (moved("mine.example/note"), "pass", ""),
        (moved(DETACHED, before=(DETACHED,)), "pass", ""),
        (moved(PAUSED), "fail", f"still carries {PAUSED} in the target"),
        (moved(STATUS), "fail", STATUS),
        (moved(DELETE_FOR_MOVE), "fail", DELETE_FOR_MOVE),
        (moved(f"{REBOOT}/now"), "fail", REBOOT),
        (moved(INSPECT), "fail", INSPECT),
        (moved(DETACHED), "fail", DETACHED),
        (moved(PAUSED, watched=5), "unknown", "the run ended too early to judge that"),
    ],
)
def test_what_a_move_hung_on_a_host_is_gone_after_it(story, verdict, says):
    judgement = judged(story)

    assert (judgement.verdict, says in judgement.says) == (verdict, True), judgement.says


def test_an_annotation_that_was_consumed_late_is_as_good():
    story = moved(PAUSED)
    story.host(cluster="target", change="modified")

    assert judged(story).verdict == "pass"


@pytest.mark.parametrize("left", [(), (PAUSED,)])
def test_a_copy_that_was_not_seen_whole_is_unknown(left):
    story = moved(*left)
    story.tell(facts.SightLost(sight="kube", cluster="target", kind="BareMetalHost"))

    assert judged(story).verdict == "unknown"


def test_a_watch_that_ended_right_after_the_move_saw_too_little():
    story = moved(PAUSED, watched=5)
    story.tell(facts.SightEnded(sight="kube", complete=True))
    story.time += LONG

    assert judged(story).verdict == "unknown"


def test_a_host_that_never_arrived_carries_nothing():
    story = Story().sees("kube", "mover")
    story.host()
    story.move()

    assert judged(story).says == "is not in the target"


def test_without_a_move_nothing_is_consumed():
    story = Story().sees("kube", "mover")
    story.host()

    assert judged(story).verdict == "unknown"
