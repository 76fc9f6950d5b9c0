"""Which host is meant where nobody names one, and what of a host's operation history counts."""

import pytest

from harness.world.hosts import first_worker, operation_history, promised
from tests.checks.history import Story

CONTROL_PLANE = {"labels": {"cluster.x-k8s.io/control-plane": ""}}


def a_lab(*control_planes: str) -> Story:
    story = Story()
    for name in ("node-1", "node-2", "node-3"):
        story.host(name)
        metadata = {"name": f"m-{name}"} | (CONTROL_PLANE if name in control_planes else {})
        story.object("source", "Metal3Machine", f"m-{name}", {"metadata": metadata})
    return story


@pytest.mark.parametrize(
    ("control_planes", "chosen"),
    [((), "node-1"), (("node-1",), "node-2"), (("node-1", "node-2"), "node-3"), (("node-1", "node-2", "node-3"), "node-1")],
)
def test_the_first_worker_is_no_control_plane_unless_all_are(control_planes, chosen):
    assert first_worker(a_lab(*control_planes).move().world()).name == chosen


def test_without_a_claimed_host_there_is_no_worker():
    story = Story(unclaimed="protect")
    story.host("spare", claimed=False)
    world = story.move().world()
    assert [host.name for host in promised(world)] == ["spare"]
    assert first_worker(world) is None


def test_of_an_operation_history_registrations_do_not_count():
    times = {"start": "2026-01-01T00:00:00Z", "end": None}
    story = Story()
    story.host("node-1", operationHistory={"register": times, "inspect": times})
    (host,) = promised(story.move().world())
    assert operation_history(host.baseline) == {
        "inspect": "2026-01-01T00:00:00Z..-",
        "provision": "-..-",
        "deprovision": "-..-",
    }


def test_a_host_that_lived_in_the_destination_all_the_time_is_promised_nothing():
    story = Story()
    story.host("node-1")
    story.host("resident", cluster="target")
    assert [host.name for host in promised(story.move().world())] == ["node-1"]


def test_a_host_that_was_in_the_origin_at_any_time_is_promised():
    story = Story()
    story.host("node-1", cluster="target")
    story.move()
    story.host("node-1", change="added")
    assert [host.name for host in promised(story.world())] == ["node-1"]
