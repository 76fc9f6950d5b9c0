"""One list tells what a move takes along: what must arrive, what is watched, what an interrupted move is looked through for."""

import pytest

from harness.move.look import keys_of
from harness.move.objects import CORE_KINDS, ROOTS
from harness.sight.kube.kinds import PIVOT_KINDS
from harness.world.moved_kinds import MOVED_KINDS, MOVING, RELATED
from harness.world.moved_objects import expected, moves_along
from harness.world.world import ObjectKey
from tests.checks.history import Story

OWNER = {"ownerReferences": [{"kind": "Cluster", "name": "lab"}]}
LABELLED = {"labels": {"clusterctl.cluster.x-k8s.io/move": ""}}


def test_whatever_must_arrive_is_watched_in_its_group():
    watched = {(kind.kind, kind.group) for kind in PIVOT_KINDS}
    assert {(moved.kind, moved.group) for moved in MOVED_KINDS} <= watched
    assert {*MOVING, *RELATED} <= {kind for kind, _ in watched}


def test_whatever_must_arrive_can_be_named_in_a_repair():
    keys = keys_of(ObjectKey("source", kind, "metal3", "one") for kind in (*MOVING, *RELATED))
    assert {(key.kind, key.group) for key in keys} <= {(moved.kind, moved.group) for moved in MOVED_KINDS}


def test_what_the_clusters_named_can_be_named_in_a_repair_by_its_group():
    names = ("IPAddress", "IPAddress.ipam.cluster.x-k8s.io", "Widget.example.com", "Widget")
    keys = keys_of(ObjectKey("source", name, "metal3", "one") for name in names)
    assert {(key.kind, key.group) for key in keys} == {
        ("IPAddress", "ipam.metal3.io"),
        ("IPAddress", "ipam.cluster.x-k8s.io"),
        ("Widget", "example.com"),
    }


def test_objects_of_one_kind_and_name_in_two_groups_are_two():
    story = Story()
    for group in ("ipam.metal3.io", "ipam.cluster.x-k8s.io"):
        story.object("source", "IPAddress", "one", {"apiVersion": f"{group}/v1", "metadata": {"name": "one", **OWNER}})
    story.object("source", "Cluster", "lab", {})
    world = story.world()
    assert [key.kind for key in world.objects if key.name == "one"] == ["IPAddress", "IPAddress.ipam.cluster.x-k8s.io"]
    assert len(expected(world, "source", world.now)) == 3


def test_an_owner_of_another_group_takes_nothing_along():
    for api_version, moves in (("cluster.x-k8s.io/v1beta2", True), ("example.com/v1", False), ("", True)):
        story = Story()
        story.object("source", "Cluster", "lab", {})
        owner = {"apiVersion": api_version, "kind": "Cluster", "name": "lab"}
        story.object("source", "ConfigMap", "settings", {"metadata": {"name": "settings", "ownerReferences": [owner]}})
        world = story.world()
        assert (ObjectKey("source", "ConfigMap", "metal3", "settings") in expected(world, "source", world.now)) == moves


def test_a_secret_of_another_namespace_does_not_belong_to_a_cluster_by_its_name():
    story = Story(namespace="")
    for name, namespace in (("lab", "metal3"), ("other", "team")):
        story.object("source", "Cluster", name, {"metadata": {"name": name, "namespace": namespace}})
        story.object("source", "Secret", "lab-ca", {"metadata": {"name": "lab-ca", "namespace": namespace}})
    world = story.world()
    carried = [key.namespace for key in expected(world, "source", world.now) if key.kind == "Secret"]
    assert carried == ["metal3"]


def test_roots_and_core_kinds_come_from_the_list():
    assert {kind for _, kind in ROOTS} == {"Cluster", "ClusterClass", "ClusterResourceSet"}
    assert {kind.resource.path("metal3") for kind in CORE_KINDS} == {
        "/api/v1/namespaces/metal3/secrets",
        "/api/v1/namespaces/metal3/configmaps",
    }


@pytest.mark.parametrize(
    ("kind", "name", "metadata", "moves"),
    [
        ("MachineHealthCheck", "guard", OWNER, True),
        ("ClusterResourceSet", "addons", {}, True),
        ("HostFirmwareSettings", "node-1", {"ownerReferences": [{"kind": "BareMetalHost", "name": "node-1"}]}, False),
        ("ConfigMap", "settings", OWNER, True),
        ("ConfigMap", "settings", LABELLED, True),
        ("ConfigMap", "kube-root-ca.crt", {}, False),
        ("ConfigMap", "lab-ca", {}, False),
        ("ConfigMap", "node-1-bmc", {}, False),
        ("Secret", "lab-ca", {}, True),
        ("Secret", "node-1-bmc", {}, True),
        ("Secret", "other", {}, False),
    ],
)
def test_what_must_arrive(kind, name, metadata, moves):
    story = Story()
    story.object("source", "Cluster", "lab", {})
    story.host("node-1")
    story.object("source", kind, name, {"metadata": {"name": name, **metadata}})
    world = story.world()
    assert (ObjectKey("source", kind, "metal3", name) in expected(world, "source", world.now)) == moves


FOREIGN = [{"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "x"}]


@pytest.mark.parametrize(
    ("kind", "name", "owners", "moves"),
    [
        ("Secret", "lab-kubeconfig", [], True),
        ("Secret", "lab-ca", [], True),
        ("Secret", "lab-kubeconfig", FOREIGN, False),
        ("Secret", "lab-notes", [], False),
        ("Secret", "other-kubeconfig", [], False),
        ("Secret", "kubeconfig", [], False),
        ("ConfigMap", "lab-kubeconfig", [], False),
    ],
)
def test_a_secret_of_a_cluster_moves_by_its_name_unless_somebody_else_owns_it(kind, name, owners, moves):
    story = Story()
    entry = story.object("source", kind, name, {"metadata": {"name": name, "ownerReferences": owners}})
    world = story.world()
    key, version = ObjectKey("source", kind, "metal3", name), world.version_of(entry)[1]

    assert moves_along(key, version, {("metal3", "lab")}, set()) is moves
    assert not moves_along(key._replace(namespace="elsewhere"), version, {("metal3", "lab")}, set())
