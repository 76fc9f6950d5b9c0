"""The pre-flight checks: each is seen failing on the fault it is for, and passing on a lab that is fit."""

import pytest

from harness import facts
from harness.checks import preflight_hosts, preflight_ironic, preflight_network, preflight_objects
from harness.judgement import merge
from tests.checks.history import PAUSED, Story, host_body, of_host

LABELS = {"clusterctl.cluster.x-k8s.io": "", "clusterctl.cluster.x-k8s.io/move": ""}


def fit() -> Story:
    story = Story()
    for cluster in ("source", "target"):
        for name in ("baremetalhosts.metal3.io", "hardwaredata.metal3.io"):
            story.object(cluster, "CustomResourceDefinition", name, {"metadata": {"name": name, "labels": LABELS}})
        story.object(cluster, "Provider", "p", {"providerName": "metal3", "type": "InfrastructureProvider", "version": "v1.14.0"})
    story.object("source", "Cluster", "lab", {"spec": {}})
    story.object("source", "Machine", "m", {"status": {"nodeRef": {"name": "node-1"}}})
    story.host()
    for side in ("source", "target"):
        story.sees("probe", cluster=side)
        probe(story, side, "bmc", host="node-1", address="redfish://node-1")
        probe(story, side, "image", address="http://images/os")
        probe(story, side, "ironic", address="http://ironic", ironic="source")
    story.tell(facts.IronicAnswers(ironic="source", up=True))
    story.tell(facts.IronicAnswers(ironic="target", up=False))
    return story


def probe(story: Story, vantage, what, *, ok: bool = True, layer="content", **more) -> None:
    story.tell(facts.ProbeSeen(vantage=vantage, what=what, ok=ok, layer=layer, **more))


def verdict(check, story: Story) -> str:
    return merge(judgement.verdict for judgement in check.check(story.world(final=False)))


@pytest.mark.parametrize("check", [preflight_hosts, preflight_ironic, preflight_network, preflight_objects])
def test_a_fit_lab_passes(check):
    assert verdict(check, fit()) == "pass"


def test_a_bmc_that_only_the_target_cannot_reach_is_named_with_cluster_host_and_layer():
    story = fit()
    probe(story, "target", "bmc", ok=False, layer="tcp", host="node-1", address="redfish://node-1", says="refused")
    judgement = of_host(preflight_network.check(story.world(final=False)))

    assert (judgement.verdict, judgement.says) == ("fail", "the target does not reach the BMC of node-1 (tcp: refused)")


def test_without_a_vantage_the_network_is_unknown():
    story = Story()
    story.host()

    assert verdict(preflight_network, story) == "unknown"


def test_images_out_of_reach_of_the_target_fail():
    story = fit()
    probe(story, "target", "image", ok=False, layer="http", address="http://images/os", says="404")

    assert verdict(preflight_network, story) == "fail"


@pytest.mark.parametrize(
    "change",
    [
        {"annotations": {PAUSED: "someone"}},
        {"annotations": {"reboot.metal3.io": ""}},
        {"annotations": {"baremetalhost.metal3.io/detached": ""}},
        {"operationalStatus": "error", "errorType": "registration error"},
        {"poweredOn": False},
        {"provisioning": {"state": "provisioning"}},
        {"provisioning": {"state": "provisioned", "image": {"url": "http://images/other"}}},
    ],
)
def test_a_host_that_does_not_stand_still_fails(change):
    story = fit()
    story.object("source", "BareMetalHost", "node-1", host_body("node-1", **change), "modified")

    assert of_host(preflight_hosts.check(story.world(final=False))).verdict == "fail"


def test_two_hosts_with_one_bmc_are_named_and_no_other_is_touched():
    story = fit()
    for name, address in (("node-2", "redfish://node-1/"), ("node-3", "redfish://node-3")):
        body = host_body(name)
        body["spec"]["bmc"]["address"] = address
        story.object("source", "BareMetalHost", name, body)
    found = {each.host: each for each in preflight_hosts.check(story.world(final=False))}

    assert [found[name].verdict for name in ("node-1", "node-2", "node-3")] == ["fail", "fail", "pass"]
    assert "node-1 and node-2 have one BMC" in found["node-2"].says


def test_a_block_move_that_nobody_will_take_away_fails():
    story = fit()
    story.host("node-9", claimed=False, annotations={"clusterctl.cluster.x-k8s.io/block-move": ""})

    assert of_host(preflight_hosts.check(story.world(final=False)), None).verdict == "fail"


def relabel(story: Story) -> None:
    story.object("source", "CustomResourceDefinition", "baremetalhosts.metal3.io", {"metadata": {"labels": {}}}, "modified")


def older_provider(story: Story) -> None:
    old = {"providerName": "metal3", "type": "InfrastructureProvider", "version": "v1.13.9"}
    story.object("target", "Provider", "p", old, "modified")


def pause(story: Story) -> None:
    story.object("source", "Cluster", "lab", {"spec": {"paused": True}}, "modified")


def there_already(story: Story) -> None:
    story.object("target", "Cluster", "lab", {"spec": {}})


def no_node(story: Story) -> None:
    story.object("source", "Machine", "m", {"status": {}}, "modified")


@pytest.mark.parametrize("fault", [relabel, older_provider, pause, there_already, no_node])
def test_clusters_that_are_not_ready_fail(fault):
    story = fit()
    fault(story)

    assert verdict(preflight_objects, story) == "fail"


def test_two_ironics_that_hold_the_host_fail():
    story = fit()
    for side in ("source", "target"):
        story.tell(facts.IronicNode(ironic=side, uuid=side, name="metal3~node-1", node={"provision_state": "active"}))

    assert verdict(preflight_ironic, story) == "fail"


def test_an_ironic_that_shows_its_nodes_to_everybody_fails():
    story = fit()
    probe(story, "source", "ironic", ok=False, layer="auth", address="http://ironic", ironic="source", says="without credentials")

    assert verdict(preflight_ironic, story) == "fail"


def test_an_ironic_that_nobody_looked_at_is_unknown():
    story = Story()
    story.host()

    assert verdict(preflight_ironic, story) == "unknown"
