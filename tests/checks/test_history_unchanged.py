"""history_unchanged: a table of stories, kept, broken and unsure."""

from typing import Any

import pytest

from harness.checks import history_unchanged
from harness.journal import facts
from harness.judgement import Judgement
from tests.checks.history import Story, of_host

Operations = dict[str, Any]
HISTORY: Operations = {
    "register": {"start": "1", "end": "2"},
    "inspect": {"start": "2", "end": "3"},
    "provision": {"start": "3", "end": "4"},
    "deprovision": {"start": None, "end": None},
}


def moved(*versions: Operations, before: Operations = HISTORY) -> Story:
    """A move, after which the copy shows these histories, one after the other."""
    story = Story().sees("kube", "mover")
    story.host(operationHistory=before)
    story.move()
    story.host(cluster="target", change="added", operationHistory=HISTORY)
    for version in versions:
        story.host(cluster="target", change="modified", operationHistory=version)
    return story


def judged(story: Story) -> Judgement:
    return of_host(history_unchanged.check(story.ends().world()))


def other(**operations: Any) -> Operations:
    return HISTORY | operations


@pytest.mark.parametrize(
    ("story", "verdict", "says"),
    [
        (moved(), "pass", "unchanged"),
        (moved(other(register={"start": "8", "end": "9"})), "pass", ""),
        (moved(other(deprovision={})), "pass", ""),
        (moved({}), "pass", ""),
        (moved(other(inspect={"start": "8", "end": "9"})), "fail", "inspect 2..3 → 8..9"),
        (moved(other(inspect={"start": "8", "end": None}), HISTORY), "fail", "inspect 2..3 → 8..-"),
        (moved(other(provision={"start": "8", "end": "9"})), "fail", "provision 3..4 → 8..9"),
        (moved(other(deprovision={"start": "8", "end": "9"})), "fail", "deprovision none → 8..9"),
        (moved(before={}), "unknown", "had no operation history"),
    ],
)
def test_only_the_registration_is_renewed(story, verdict, says):
    judgement = judged(story)

    assert (judgement.verdict, says in judgement.says) == (verdict, True), judgement.says


@pytest.mark.parametrize("side", facts.SIDES)
def test_versions_that_were_not_seen_may_have_had_another_one(side):
    story = moved()
    story.tell(facts.SightLost(sight="kube", cluster=side, kind="BareMetalHost"))
    story.tell(facts.SightRegained(sight="kube", cluster=side, kind="BareMetalHost", complete=False))

    assert judged(story).verdict == "unknown"


def test_a_change_that_was_seen_fails_under_a_gap_too():
    story = moved(other(provision={"start": "8", "end": "9"}))
    story.tell(facts.SightLost(sight="kube", cluster="target", kind="BareMetalHost"))

    assert judged(story).verdict == "fail"
