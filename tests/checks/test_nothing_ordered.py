"""nothing_ordered and annotations_consumed: what is an order, and what only says that nothing shall be done."""

import pytest

from harness.checks import annotations_consumed, nothing_ordered
from tests.checks.history import Story, of_host

INSPECT = "inspect.metal3.io"


def moved(**last) -> Story:
    story = Story().sees("kube")
    story.host()
    story.move()
    story.host(cluster="target", change="added")
    story.host(cluster="target", change="modified", **last)
    story.tell(story.entries[-1].fact, at=story.time + 100)
    return story.ends()


@pytest.mark.parametrize("check", [nothing_ordered, annotations_consumed])
@pytest.mark.parametrize(("value", "passes"), [("disabled", True), ("", False)])
def test_that_nothing_shall_be_inspected_is_no_order(check, value, passes):
    judgement = of_host(check.check(moved(annotations={INSPECT: value}).world()))
    assert (judgement.verdict == "pass") is passes


def test_a_host_that_tells_that_it_was_detached_was_ordered_so():
    assert of_host(nothing_ordered.check(moved(operationalStatus="detached").world())).verdict == "unknown"
