"""Which host is meant where nobody names one, and what of a host's operation history counts."""

import pytest

from harness.journal.facts import MoverStarted
from harness.world.hosts import first_worker, hosts, operation_history, promised
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


def two_namespaces(**run):
    story = Story(**run)
    for namespace in ("metal3", "team"):
        story.host("node-1", namespace=namespace)
        story.host("node-1", namespace=namespace, cluster="target", change="added")
    story.host("node-2")
    return story.move().world()


def test_hosts_of_one_name_in_two_namespaces_are_two_and_bear_both():
    found = hosts(two_namespaces())
    assert [(host.name, host.namespace, host.object_name) for host in found] == [
        ("metal3/node-1", "metal3", "node-1"),
        ("node-2", "metal3", "node-2"),
        ("team/node-1", "team", "node-1"),
    ]
    assert [len(host.versions(two_namespaces(), "target")) for host in found] == [1, 0, 1]


@pytest.mark.parametrize(
    ("namespace", "records"), [("metal3", ["node-1", "team/node-1"]), ("", ["metal3/node-1", "team/node-1"])]
)
def test_a_bare_name_of_a_server_means_the_host_of_the_runs_own_namespace(namespace, records):
    world = two_namespaces(namespace=namespace)
    assert [host.record for host in hosts(world) if host.object_name == "node-1"] == records


def test_a_host_of_another_namespace_that_no_move_touches_is_nobodys_affair():
    story = Story()
    story.host("node-1")
    story.host("node-1", namespace="team")
    story.host("node-3", namespace="team")
    story.host("node-3", namespace="team", change="deleted")
    assert [host.name for host in promised(story.move().world())] == ["metal3/node-1"]
    story.tell(MoverStarted(mover=2, origin="source", destination="target"))
    story.host("node-1", namespace="team", change="deleted")
    assert [host.name for host in promised(story.world())] == ["metal3/node-1", "team/node-1"]


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
