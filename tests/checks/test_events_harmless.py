"""events_harmless: Events of either API count, and count once."""

import pytest

from harness.checks import events_harmless
from tests.checks.history import Story, of_host

ABOUT = {"kind": "BareMetalHost", "namespace": "metal3", "name": "node-1"}


def told(story: Story, member: str, change: str) -> None:
    api = {"apiVersion": "events.k8s.io/v1"} if member == "regarding" else {}
    story.object("target", "Event", "e", api | {member: ABOUT, "reason": "InspectionStarted"}, change)


@pytest.mark.parametrize("member", ["involvedObject", "regarding"])
def test_an_event_of_either_api_tells_of_harm(member):
    story = Story().sees("kube")
    story.host()
    story.move()
    told(story, member, "added")
    assert of_host(events_harmless.check(story.ends().world())).verdict == "fail"


def test_an_old_event_that_is_told_again_is_no_new_one():
    story = Story().sees("kube")
    story.host()
    told(story, "involvedObject", "listed")
    story.move()
    told(story, "involvedObject", "modified")
    assert of_host(events_harmless.check(story.ends().world())).verdict == "pass"
