"""A Cluster's deletion releases that Cluster's hosts, and only where it is known who deleted it; what runs something is promised."""

import pytest

from harness.checks import lives_on
from harness.journal import facts
from harness.verdict.judge import judge_entries
from harness.world.hosts import promised, unpromised
from harness.world.releases import released_at
from harness.world.world import ObjectKey
from tests.checks.history import Story, host_body, of_host

LABEL = "cluster.x-k8s.io/cluster-name"


def labelled(name: str, cluster: str) -> dict:
    body = host_body(name)
    body["metadata"]["labels"] = {LABEL: cluster}
    return body


def story(*more: facts.SightName) -> Story:
    told = Story().sees("kube", "mover", *more)
    for cluster in ("a", "b"):
        told.object("source", "Cluster", cluster, {"spec": {}})
        told.object("source", "BareMetalHost", f"node-{cluster}", labelled(f"node-{cluster}", cluster))
    told.move()
    for cluster in ("a", "b"):
        told.object("target", "Cluster", cluster, {"spec": {}}, "added")
        told.object("target", "BareMetalHost", f"node-{cluster}", labelled(f"node-{cluster}", cluster), "added")
    return told


def delete(told: Story, *, by: str = "") -> None:
    if by:
        fact = facts.ApiWrite(cluster="target", user=by, verb="delete", resource="clusters", name="b", namespace="metal3")
        told.tell(fact)
    told.object("target", "Cluster", "b", {"metadata": {"name": "b", "deletionTimestamp": "2026-01-01T00:00:00Z"}}, "modified")


def test_only_the_hosts_of_the_deleted_cluster_are_released():
    told = story()
    delete(told, by="alice")
    until = {host.name: host.until for host in promised(told.ends().world())}
    assert until["node-a"] == float("inf")
    assert until["node-b"] < float("inf")


def test_a_deletion_by_nobody_that_is_known_releases_nobody_and_fails():
    told = story("audit")
    delete(told)
    world = told.ends().world()
    assert {host.until for host in promised(world)} == {float("inf")}
    judgement = of_host(lives_on.check(world), None)
    assert judgement.verdict == "fail"
    assert "Cluster b is marked for deletion" in judgement.says
    assert "by whom was not seen" in judgement.says


def deprovisioned(told: Story) -> list[tuple[str, str]]:
    """The verdicts on the deleted Cluster's host after its deprovisioning, which was seen."""
    body = labelled("node-b", "b")
    body["status"]["provisioning"]["state"] = "deprovisioning"
    told.object("target", "BareMetalHost", "node-b", body, "modified")
    checks = [facts.Expectation(check=word) for word in ("hosts_keep_state", "history_unchanged", "consumer_unchanged")]
    found = judge_entries(told.ends().entries, checks=checks)["checks"]
    return [(each["verdict"], each["says"]) for each in found if each["host"] == "node-b"]


def test_a_deletion_of_which_no_audit_log_could_tell_who_did_it_is_unknown_and_so_is_what_came_of_it():
    told = story()
    delete(told)
    said = deprovisioned(told)
    assert {verdict for verdict, _ in said} == {"unknown"}
    assert "Cluster b was deleted at" in said[0][1]
    assert "whether by its user was not seen: there was no sight on the audit log of target" in said[0][1]


def test_a_deletion_that_only_the_audit_log_shows_is_unknown_and_so_is_what_came_of_it():
    told = story("audit")
    told.tell(facts.SightLost(sight="kube", cluster="target", kind="Cluster"))
    told.tell(facts.ApiWrite(cluster="target", user="alice", verb="delete", resource="clusters", name="b", namespace="metal3"))
    said = deprovisioned(told)
    assert {verdict for verdict, _ in said} == {"unknown"}
    assert "Cluster b was to be deleted by alice" in said[0][1]


def test_a_deletion_that_the_api_server_refused_releases_nobody():
    told = story("audit")
    fact = facts.ApiWrite(cluster="target", user="alice", verb="delete", resource="clusters", name="b", code=403)
    told.tell(fact)
    delete(told)
    assert {host.until for host in promised(told.ends().world())} == {float("inf")}


def test_a_deletion_by_a_known_user_is_no_end_of_a_life():
    told = story()
    delete(told, by="alice")
    assert of_host(lives_on.check(told.ends().world()), None).verdict == "pass"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"deletionTimestamp": "2026-01-01T00:00:00Z"}, "is marked for deletion"),
        ({"uid": "another"}, "was made anew"),
    ],
)
def test_an_object_that_does_not_live_on_fails(change, says):
    told = story()
    body = labelled("node-a", "a")
    body["metadata"] |= {"uid": "target-node-a"} | change
    told.object("target", "BareMetalHost", "node-a", body, "modified")
    judgement = of_host(lives_on.check(told.ends().world()), "node-a")
    assert judgement.verdict == "fail"
    assert says in judgement.says


@pytest.mark.parametrize(
    ("spec", "status", "runs"),
    [
        ({}, {"provisioning": {"state": "available"}}, False),
        ({}, {"provisioning": {"state": "provisioned"}}, True),
        ({}, {"provisioning": {"state": "externally provisioned"}}, True),
        ({}, {"provisioning": {"state": "deprovisioning", "image": {"url": "http://os"}}}, True),
        ({"consumerRef": {"kind": "Machine", "name": "x"}}, {"provisioning": {"state": "available"}}, True),
    ],
)
def test_the_promise_is_made_to_every_host_that_runs_something(spec, status, runs):
    told = Story().sees("kube", "mover")
    body = host_body("node-1", claimed=False) | {"status": status}
    body["spec"] = {"online": True, "bmc": {"address": "x", "credentialsName": "y"}} | spec
    told.object("source", "BareMetalHost", "node-1", body)
    world = told.move().ends().world()
    assert [host.name for host in (promised if runs else unpromised)(world)] == ["node-1"]


def test_a_node_of_the_workload_cluster_is_promised():
    told = Story().sees("kube", "mover")
    told.object(
        "source",
        "BareMetalHost",
        "node-1",
        host_body("node-1", claimed=False) | {"status": {"provisioning": {"state": "available"}}},
    )
    told.object("workload", "Node", "n", {"spec": {"providerID": "metal3://metal3/node-1/m"}})
    assert [host.name for host in promised(told.move().ends().world())] == ["node-1"]


@pytest.mark.parametrize(("owner", "expected"), [("b", "pass"), ("a", "fail"), ("", "fail")])
def test_what_only_its_owner_tells_to_be_of_a_cluster_is_released_with_it(owner, expected):
    told = Story().sees("kube", "mover")
    owners = [{"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster", "name": owner}] if owner else []
    body = {"metadata": {"ownerReferences": owners}}
    for side, change in (("source", "listed"), ("target", "added")):
        for cluster in ("a", "b"):
            told.object(side, "Cluster", cluster, {"spec": {}}, change)
        told.object(side, "Metal3MachineTemplate", "workers", body, change)
        if side == "source":
            told.host()
            told.move()
    delete(told, by="alice")
    told.object("target", "Metal3MachineTemplate", "workers", body, "deleted")
    assert of_host(lives_on.check(told.ends().world()), None).verdict == expected


def test_what_a_move_took_away_and_was_seen_late_hides_no_later_deletion_by_a_step():
    told = Story().sees("kube", "mover")
    told.object("source", "BareMetalHost", "node-1", host_body("node-1"))
    owned = {"name": "m", "ownerReferences": [{"kind": "MachineDeployment", "name": "md"}]}
    machine = {"metadata": owned, "spec": {"infrastructureRef": {"name": "m-node-1"}}}
    told.object("source", "Machine", "m", machine)
    told.object("source", "MachineDeployment", "md", {})
    told.move()
    told.object("target", "BareMetalHost", "node-1", host_body("node-1"), "added")
    told.time += 10  # so late a watch tells of a mover's deletions where it was cut meanwhile
    told.object("source", "MachineDeployment", "md", {}, "deleted")
    told.object("source", "MachineDeployment", "md", {}, "added")
    told.object("source", "Machine", "m", machine, "added")
    told.tell(facts.WriteIntended(write="w1", system="cluster source", what="delete MachineDeployment md"))
    going = {"metadata": {"name": "md", "deletionTimestamp": "2026-01-01T00:00:00Z"}}
    deletion = told.object("source", "MachineDeployment", "md", going, "modified")

    assert [host.until for host in promised(told.ends().world())] == [deletion.since]


def test_a_part_that_a_step_of_this_run_deleted_releases_its_own_hosts_and_what_is_no_hosts():
    told = Story().sees("kube", "mover")
    told.object("source", "Cluster", "lab", {"spec": {}})
    for name, maker in (("cp", ""), ("md", "MachineSet")):
        told.object("source", "BareMetalHost", f"node-{name}", host_body(f"node-{name}"))
        owners = [{"kind": maker, "name": "md-x"}] if maker else []
        meta = {"name": name, "ownerReferences": owners}
        told.object("source", "Machine", name, {"metadata": meta, "spec": {"infrastructureRef": {"name": f"m-node-{name}"}}})
    told.object("source", "MachineSet", "md-x", {"metadata": {"ownerReferences": [{"kind": "MachineDeployment", "name": "md"}]}})
    told.object("source", "MachineDeployment", "md", {})
    told.move()
    for name in ("cp", "md"):
        told.object("target", "BareMetalHost", f"node-{name}", host_body(f"node-{name}"), "added")
    told.time += 10  # a mover's own deletions are over
    told.tell(facts.WriteIntended(write="w1", system="cluster source", what="delete MachineDeployment md"))
    going = {"metadata": {"name": "md", "deletionTimestamp": "2026-01-01T00:00:00Z"}}
    told.object("source", "MachineDeployment", "md", going, "modified")
    world = told.ends().world()
    until = {host.name: host.until for host in promised(world)}

    assert until["node-cp"] == float("inf")
    assert until["node-md"] < float("inf")
    key = ObjectKey("source", "Cluster", "metal3", "lab")
    assert released_at(world, key, world.objects[key]) == until["node-md"]
    spare = ObjectKey("source", "BareMetalHost", "metal3", "node-cp")
    assert released_at(world, spare, world.objects[spare]) == float("inf")
