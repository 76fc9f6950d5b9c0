"""nothing_ordered and annotations_consumed: what is an order, and what only says that nothing shall be done."""

import pytest

from harness.checks import annotations_consumed, nothing_ordered
from tests.checks.history import Story, of_host

INSPECT, REBOOT, DETACHED = "inspect.metal3.io", "reboot.metal3.io", "baremetalhost.metal3.io/detached"


def moved(*, before=None, **last) -> Story:
    story = Story().sees("kube")
    story.host(annotations=before)
    story.move()
    story.host(cluster="target", change="added")
    story.host(cluster="target", change="modified", **last)
    story.tell(story.entries[-1].fact, at=story.time + 100)
    return story.ends()


@pytest.mark.parametrize("check", [nothing_ordered, annotations_consumed])
@pytest.mark.parametrize(
    ("name", "before", "after", "passes"),
    [
        (INSPECT, None, "disabled", True),
        (INSPECT, None, "", False),
        (INSPECT, "disabled", "disabled", True),
        (INSPECT, "disabled", "", False),
        (INSPECT, "", "", True),
        (REBOOT, None, "disabled", False),
        (f"{REBOOT}/mine", None, "", False),
        (REBOOT, "", "", True),
        (DETACHED, None, "disabled", False),
        ("somebody.elses/reboot.metal3.io", None, "", True),
    ],
)
def test_what_is_a_new_order(check, name, before, after, passes):
    judgement = of_host(check.check(moved(before=None if before is None else {name: before}, annotations={name: after}).world()))
    assert (judgement.verdict == "pass") is passes
    assert (name in judgement.says) is not passes


def test_a_host_that_tells_that_it_was_detached_was_ordered_so():
    assert of_host(nothing_ordered.check(moved(operationalStatus="detached").world())).verdict == "unknown"
