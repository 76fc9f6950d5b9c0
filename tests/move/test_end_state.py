"""How a move ended, told from what is in both clusters; and the order in which objects may go."""

import pytest

from harness.kube.discovery import ApiResource
from harness.metal3 import DELETE_FOR_MOVE
from harness.move.end_state import RECIPES, classify
from harness.move.objects import CLUSTER, Key, MovableKind, MovableObject, deletion_order, kind_of

BASE, MOVE, HIERARCHY = (f"clusterctl.cluster.x-k8s.io{end}" for end in ("", "/move", "/move-hierarchy"))
PAUSED = "baremetalhost.metal3.io/paused"


def item(kind, name, *, group="metal3.io", owner=None, annotations=None, labels=None, spec=None, root=False, moves=False):
    """An object whose uid is its name."""
    metadata = {"name": name, "namespace": "ns", "uid": name, "annotations": annotations, "labels": labels}
    if owner:
        metadata["ownerReferences"] = [{"uid": owner}]
    resource = ApiResource(group, "v1", kind, f"{kind.lower()}s", namespaced=True)
    return MovableObject(MovableKind(resource, moves=moves or root, is_root=root), {"metadata": metadata, "spec": spec or {}})


def cluster(*, paused=False):
    return item(CLUSTER[1], "lab", group=CLUSTER[0], spec={"paused": paused}, root=True)


def host(**more):
    return item("BareMetalHost", "node-1", root=True, **more)


def machine(name="m", owner="lab"):
    return item("Machine", name, group=CLUSTER[0], owner=owner)


def inventory(*items):
    return {one.key: one for one in items}


WHOLE = inventory(cluster(), host(), machine())
STOPPED = inventory(cluster(paused=True), host(), machine())
MARKED = {DELETE_FOR_MOVE: ""}


@pytest.mark.parametrize(
    ("here", "there", "name"),
    [
        (WHOLE, {}, "nothing moved"),
        (STOPPED, {}, "source paused"),
        (STOPPED, inventory(host()), "both sides"),
        (WHOLE, inventory(host()), "both sides"),
        (STOPPED, STOPPED, "both sides"),
        (inventory(cluster(paused=True), host()), STOPPED, "past the point of no return"),
        (inventory(cluster(paused=True), host(annotations=MARKED), machine()), STOPPED, "past the point of no return"),
        (inventory(host()), STOPPED, "Cluster gone, leftovers"),
        ({}, STOPPED, "target left paused"),
        ({}, WHOLE, "complete"),
    ],
)
def test_every_end_state_is_told(here, there, name):
    end = classify(here, there, list(WHOLE), ("source", "target"))

    assert end.name == name
    assert len(end.recipe) == len(RECIPES[name])


def test_what_was_never_part_of_the_move_tells_nothing():
    other = item("ConfigMap", "kube-root-ca.crt", group="")

    assert classify(WHOLE | inventory(other), inventory(other), list(WHOLE), ("source", "target")).name == "nothing moved"


def test_a_recipe_names_the_clusters_of_the_way_back_too():
    end = classify(inventory(host()), STOPPED, list(WHOLE), ("target", "source"))

    assert end.recipe[0].startswith("do not run the move again: it would put stripped copies over the good ones in the source")


@pytest.mark.parametrize(
    ("annotations", "at_risk"),
    [(MARKED, ["node-1"]), (MARKED | {PAUSED: "metal3.io/capm3"}, []), ({PAUSED: "metal3.io/capm3"}, [])],
)
def test_a_host_that_is_marked_and_lost_its_pause_is_at_risk(annotations, at_risk):
    here = inventory(cluster(paused=True), host(annotations=annotations))

    assert classify(here, STOPPED, list(WHOLE), ("source", "target")).at_risk == at_risk


def test_the_same_kind_of_another_group_is_another_object():
    mine, other = item("IPAddress", "a", group="ipam.metal3.io"), item("IPAddress", "a", group="ipam.cluster.x-k8s.io")

    assert len(inventory(mine, other)) == 2


def names(items):
    return [one.key.name for one in items]


def test_owners_go_after_what_they_own_by_reference_and_by_name():
    ca = item("Secret", "lab-ca", group="")
    order = names(deletion_order(inventory(cluster(), ca, machine(), item("Metal3Machine", "m3m", owner="m"))))

    assert order[0] == "m3m"
    assert order[-1] == "lab"
    assert set(order) == {"m3m", "m", "lab-ca", "lab"}


def test_only_what_is_forced_or_stands_below_a_root_goes():
    left = [item("Secret", "mine-ca", group=""), item("ConfigMap", "c", group=""), machine("orphan", owner="gone")]
    labelled = item("Secret", "boot", group="", labels={MOVE: ""})

    assert names(deletion_order(inventory(*left, labelled))) == ["boot"]


def test_what_is_known_to_have_moved_goes_although_its_root_is_gone():
    left = inventory(machine("a", owner="b"), machine("b", owner="lab"))

    assert names(deletion_order(left, list(left))) == ["a", "b"]


def test_owners_in_a_circle_go_all_the_same():
    circle = inventory(machine("a", owner="b"), machine("b", owner="a"))

    assert set(names(deletion_order(circle, list(circle)))) == {"a", "b"}


def definition(labels, *, group="metal3.io", kind="BareMetalHost"):
    versions = [{"name": "v1alpha1", "storage": False}, {"name": "v1beta1", "storage": True}]
    names_ = {"kind": kind, "plural": f"{kind.lower()}s"}
    spec = {"group": group, "names": names_, "scope": "Namespaced", "versions": versions}
    return {"metadata": {"labels": dict.fromkeys(labels, "")}, "spec": spec}


@pytest.mark.parametrize(
    ("labels", "moves", "is_root"), [([BASE], False, False), ([BASE, MOVE], True, False), ([BASE, HIERARCHY], True, True)]
)
def test_the_labels_of_a_definition_say_what_moves(labels, moves, is_root):
    kind = kind_of(definition(labels))

    assert (kind.moves, kind.is_root, kind.resource.api_version) == (moves, is_root, "metal3.io/v1beta1")


def test_a_cluster_is_a_root_without_a_label():
    assert kind_of(definition([BASE], group=CLUSTER[0], kind="Cluster")).is_root


def test_an_items_path_is_of_its_storage_version():
    assert host().path == "/apis/metal3.io/v1/namespaces/ns/baremetalhosts/node-1"
    assert host().key == Key("metal3.io", "BareMetalHost", "ns", "node-1")
