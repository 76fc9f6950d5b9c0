"""Which host is meant where nobody names one, and what of a host's operation history counts."""

import pytest

from harness.journal.facts import ApiWrite, MoverStarted
from harness.world.changes.orders import operation_history
from harness.world.hosts import first_worker, guarded, hosts, promised, residents, unpromised
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
        "provision": "none",
        "deprovision": "none",
    }


def test_a_host_that_lived_in_the_destination_all_the_time_is_promised_to_be_left_alone_and_no_more():
    story = Story()
    story.host("node-1")
    story.host("resident", cluster="target")
    story.host("abroad", namespace="elsewhere")
    story.host("spare", cluster="target", claimed=False, provisioning={"state": "available"})
    world = story.move().world()
    assert [host.name for host in promised(world)] == ["node-1"]
    assert [host.name for host in residents(world)] == ["abroad", "resident"]
    assert [host.name for host in guarded(world)] == ["abroad", "node-1", "resident"]
    assert [host.name for host in unpromised(world)] == ["spare"]


def test_without_a_move_nobody_is_a_resident():
    story = Story()
    story.host("abroad", namespace="elsewhere")
    assert residents(story.world()) == []


@pytest.mark.parametrize(
    ("user", "replicas", "expected"), [("anna", 1, []), ("", 0, []), ("", 1, ["resident"]), ("capi", 1, ["resident"])]
)
def test_a_resident_whose_machine_its_user_gives_up_is_reprovisioned_as_he_wants_it(user, replicas, expected):
    story = Story()
    story.host("node-1")
    story.host("resident", cluster="target")
    machine = {"spec": {"infrastructureRef": {"name": "m-resident"}}}
    story.object("target", "Machine", "machine-1", machine)
    story.object("target", "MachineSet", "set", {"spec": {"replicas": 1}})
    story.move()
    story.object("target", "MachineSet", "set", {"spec": {"replicas": replicas}}, "modified")
    story.object("target", "Machine", "machine-1", machine, "deleted")
    write = {"cluster": "target", "resource": "machines", "name": "machine-1", "code": 200}
    story.tell(ApiWrite(user="capi", verb="patch", subresource="status", **write), at=story.time)
    if user:
        story.tell(ApiWrite(user=user, verb="delete", **write), at=story.time)
    assert [host.name for host in residents(story.world())] == expected


def test_a_host_that_was_in_the_origin_at_any_time_is_promised():
    story = Story()
    story.host("node-1", cluster="target")
    story.move()
    story.host("node-1", change="added")
    assert [host.name for host in promised(story.world())] == ["node-1"]
