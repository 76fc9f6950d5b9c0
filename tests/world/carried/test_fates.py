"""What a move takes along, leaves, makes anew and loses: foretold from what stands before it, and as it came."""

import pytest

from harness.journal.facts import MoverEnded, MoverStarted
from harness.world.carried.fates import befallen, foretold
from harness.world.moves import judged_moves
from tests.checks.history import Story

CLUSTERCTL = "clusterctl.cluster.x-k8s.io"
OWNED = {"ownerReferences": [{"apiVersion": "metal3.io/v1alpha1", "kind": "BareMetalHost", "name": "node-1"}]}
SETTINGS = {"apiVersion": "metal3.io/v1alpha1", "metadata": OWNED, "spec": {"settings": {"Turbo": "off"}}}
CLAIM = {"apiVersion": "metal3.io/v1alpha1", "spec": {"hostSelector": {"rack": "one"}}}


def define(story: Story, kind: str, group: str, *labels: str) -> None:
    name = f"{kind.lower()}s.{group}"
    body = {"metadata": {"name": name, "labels": dict.fromkeys(labels, "")}, "spec": {"group": group, "names": {"kind": kind}}}
    story.object("source", "CustomResourceDefinition", name, body)


def lab(*, labels: tuple[str, ...] = ()) -> Story:
    story = Story().sees("kube", "mover")
    define(story, "BareMetalHost", "metal3.io", CLUSTERCTL)
    define(story, "HostFirmwareSettings", "metal3.io", *labels)
    story.object("source", "Cluster", "lab", {})
    story.host()
    story.object("source", "HostFirmwareSettings", "node-1", SETTINGS)
    story.object("source", "FirmwareSchema", "schema", {})
    story.object("source", "ConfigMap", "settings", {"metadata": {"name": "settings"}})
    story.object("source", "ConfigMap", "kube-root-ca.crt", {"metadata": {"name": "kube-root-ca.crt"}})
    return story


def test_what_a_move_would_do_is_foretold_with_the_cure():
    fates = foretold(lab().world(), "source")
    assert fates.moved == {"BareMetalHost": 1, "Cluster": 1}
    assert fates.stayed == {"ConfigMap": 1}
    assert fates.made_anew == {"FirmwareSchema": 1, "HostFirmwareSettings": 1}
    (loss,) = fates.lost
    assert (loss.kind, loss.name, loss.host, loss.what) == ("HostFirmwareSettings", "node-1", "node-1", "spec (settings)")
    assert f"kubectl label crd hostfirmwaresettingss.metal3.io {CLUSTERCTL}=" in loss.cure


def test_a_label_of_its_definition_takes_along_what_would_be_lost():
    fates = foretold(lab(labels=(CLUSTERCTL,)).world(), "source")
    assert fates.lost == []
    assert fates.moved["HostFirmwareSettings"] == 1


@pytest.mark.parametrize(("labels", "is_lost"), [((CLUSTERCTL,), True), ((CLUSTERCTL, f"{CLUSTERCTL}/move"), False)])
def test_what_nobody_owns_needs_the_label_to_move_too(labels, is_lost):
    story = lab(labels=(CLUSTERCTL,))
    define(story, "HostClaim", "metal3.io", *labels)
    story.object("source", "HostClaim", "tenant", CLAIM)
    assert [loss.kind for loss in foretold(story.world(), "source").lost] == ["HostClaim"] * is_lost


def test_a_kind_of_the_owner_graph_without_a_label_is_lost_as_a_whole():
    story = lab(labels=(CLUSTERCTL,))
    define(story, "KamajiControlPlane", "controlplane.cluster.x-k8s.io")
    owner = {"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster", "name": "lab"}
    for number in range(5):
        metadata = {"name": f"cp-{number}", "ownerReferences": [owner]}
        body = {"apiVersion": "controlplane.cluster.x-k8s.io/v1alpha1", "metadata": metadata}
        story.object("source", "KamajiControlPlane", f"cp-{number}", body)
    fates = foretold(story.world(), "source")
    (loss,) = fates.lost
    assert loss.name == "cp-0, cp-1, cp-2 and 2 more"
    assert loss.cure == f"kubectl label crd kamajicontrolplanes.controlplane.cluster.x-k8s.io {CLUSTERCTL}="
    assert not any("Kamaji" in kind for kind in fates.moved)


def test_what_came_of_it_is_told_after_the_move():
    story = lab()
    story.object("source", "HostClaim", "tenant", CLAIM)
    story.tell(MoverStarted(mover=1, origin="source", destination="target"))
    story.object("target", "Cluster", "lab", {}, "added")
    story.host(cluster="target", change="added")
    story.object("target", "HostFirmwareSettings", "node-1", SETTINGS | {"spec": {}}, "added")
    story.host(change="deleted")
    story.object("source", "Cluster", "lab", {}, "deleted")
    story.object("source", "HostFirmwareSettings", "node-1", SETTINGS, "deleted")
    story.object("source", "FirmwareSchema", "schema", {}, "deleted")
    story.tell(MoverEnded(mover=1, code=0))
    world = story.ends().world()
    fates = befallen(world, judged_moves(world)[0])
    assert fates.moved == {"BareMetalHost": 1, "Cluster": 1}
    assert fates.stayed == {"ConfigMap": 1}
    assert fates.made_anew == {"HostFirmwareSettings": 1}
    assert [(loss.kind, loss.host) for loss in fates.lost] == [("HostClaim", ""), ("HostFirmwareSettings", "node-1")]
