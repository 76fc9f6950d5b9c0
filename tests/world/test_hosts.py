"""Which host is meant where nobody names one, and what of a host's operation history counts."""

from typing import Any

import pytest

from harness.journal.entry import Entry
from harness.journal.facts import ApiWrite, MoverSaid, MoverStarted, StepEnded
from harness.metal3 import DETACHED, INSPECT
from harness.world.hosts import (
    Host,
    first_worker,
    guarded,
    hosts,
    promised,
    residents,
    unpromised,
)
from harness.world.reconciled.orders import new_orders, operation_history, orders
from harness.world.world import Version, World
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


def only(story: Story) -> Host:
    (host,) = hosts(story.world())
    return host


def test_a_host_is_as_it_was_when_the_move_began_and_promised_from_then_on():
    story = Story().sees("kube", "mover")
    story.host()
    last = story.host(change="modified", poweredOn=False)
    began = story.begins_move().time
    story.host(change="modified", poweredOn=True)
    host = only(story.move())

    assert (host.origin, host.baseline.entry, host.since, host.begins) == ("source", last, began, began)
    assert (host.until, host.doubt, host.appeared, host.name, host.object_name) == (float("inf"), "", False, "node-1", "node-1")


def test_without_a_move_a_host_is_as_it_was_listed_and_one_that_came_later_is_none():
    story = Story().sees("kube")
    first = story.host()
    story.host(change="modified")
    story.host("late", change="added")
    host = only(story)

    assert (host.baseline.entry, host.since, host.begins) == (first, float("inf"), first.at)


@pytest.mark.parametrize(("change", "appeared"), [("listed", False), ("added", True)])
def test_a_host_that_came_while_somebody_watched_appeared(change, appeared):
    story = Story().sees("kube", "mover")
    story.host(change=change)

    assert only(story.move()).appeared is appeared


def test_a_host_that_was_gone_when_the_move_began_or_came_in_it_is_promised_nothing():
    story = Story().sees("kube", "mover")
    story.host("gone", change="deleted")
    story.begins_move()
    story.host("new", change="added")

    assert hosts(story.move().world()) == []


@pytest.mark.parametrize(
    ("appeared", "since", "at", "concerned"),
    [
        (False, 10.0, 10.0, True),
        (False, 9.0, 10.0, True),
        (False, 9.0, 9.9, False),
        (True, 10.0, 10.0, True),
        (True, 9.0, 10.0, False),
        (True, 9.0, 10.5, True),
    ],
)
def test_what_concerns_a_promise_came_in_its_time_and_a_late_look_at_what_came_before_does_not(appeared, since, at, concerned):
    version = Version(Entry(1, 0.0, 0.0, MoverSaid(mover=1, line="")), {}, alive=True, metadata={})
    host = Host("node-1", "metal3", "source", version, 10.0, float("inf"), appeared=appeared)

    assert host.concerns(since, at) is concerned


RUNS: dict[str, tuple[dict[str, Any], bool]] = {
    "nothing": ({"state": "available"}, False),
    "claimed": ({"state": "available", "claimed": True}, True),
    "provisioned": ({"state": "provisioned"}, True),
    "externally provisioned": ({"state": "externally provisioned"}, True),
    "an image is on it": ({"state": "deprovisioning", "image": {"url": "http://images/os"}}, True),
    "an image without an address": ({"state": "available", "image": {"url": ""}}, False),
    "a deploy of its own": ({"state": "available", "customDeploy": {"method": "m"}}, True),
    "about to get an image": ({"state": "provisioning"}, True),
    "looked at": ({"state": "inspecting"}, False),
}


@pytest.mark.parametrize(("has", "runs"), RUNS.values(), ids=RUNS)
def test_who_runs_something_is_promised_and_the_lab_may_protect_all(has, runs):
    for unclaimed in ("report", "protect"):
        story = Story(unclaimed=unclaimed).sees("kube", "mover")
        claimed = has.get("claimed", False)
        told = {name: it for name, it in has.items() if name != "claimed"}
        story.host(claimed=claimed, provisioning=told)
        world = story.move().world()
        assert bool(promised(world)) is (runs or unclaimed == "protect")
        assert [host.name for host in unpromised(world)] == ([] if runs or unclaimed == "protect" else ["node-1"])


@pytest.mark.parametrize(
    ("provider", "runs"),
    [("metal3://metal3/node-1/m", True), ("metal3://metal3/node-11/m", False), ("metal3://other/node-1/m", False), (None, False)],
)
def test_who_is_a_node_runs_something(provider, runs):
    story = Story().sees("kube", "mover")
    story.host(claimed=False, provisioning={"state": "available"})
    story.object("workload", "Node", "n", {"spec": {"providerID": provider}})

    assert bool(promised(story.move().world())) is runs


def test_the_orders_that_an_annotation_gives_are_told_by_its_name():
    names = ["reboot.metal3.io", "reboot.metal3.io/now", "inspect.metal3.io", DETACHED, "other"]
    story = Story().sees("kube", "mover")
    story.host(annotations={"reboot.metal3.io/now": "", INSPECT: "disabled"})
    host = only(story.move())
    story.host(cluster="target", change="added", annotations=dict.fromkeys(names, ""))
    story.host(cluster="target", change="modified", annotations=dict.fromkeys(names, "disabled"))
    first, last = host.versions(story.world(), "target")

    assert orders(first) == names[:-1]
    assert new_orders(host, first) == ["reboot.metal3.io", INSPECT, DETACHED]
    assert new_orders(host, last) == ["reboot.metal3.io", DETACHED]


def test_its_living_versions_are_those_of_both_clusters_in_order_since_its_baseline():
    story = Story().sees("kube", "mover")
    story.host()
    first = story.host(change="modified")
    story.begins_move()
    copy = story.host(cluster="target", change="added")
    marked = story.host(change="modified")
    story.host(change="deleted")
    last = story.host(cluster="target", change="modified")
    world = story.move().world()
    (host,) = hosts(world)

    assert [(side, it.entry) for side, it in host.seen(world)] == [
        ("source", first), ("target", copy), ("source", marked), ("target", last)
    ]  # fmt: skip


def test_a_host_that_a_run_provisioned_and_did_not_move_is_as_it_was_then():
    story = Story().sees("kube")
    story.host(change="added", provisioning={"state": "registering"})
    first = story.host(change="modified")
    story.tell(StepEnded(step="1", word="provision", how="done"))
    story.host(change="modified", poweredOn=False)

    assert only(story).baseline.entry == first


def test_what_was_asked_is_asked_anew_after_another_entry():
    story = Story().sees("kube", "mover")
    story.host()
    world = World(story.entries)
    assert [host.name for host in hosts(world)] == ["node-1"]
    world.add(story.host("node-2"))

    assert [host.name for host in hosts(world)] == ["node-1", "node-2"]
    assert world.now == story.time
