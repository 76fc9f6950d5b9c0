"""ironic_keeps_nodes: what an adoption does passes, all else is named with its Ironic; one node is one host."""

from typing import Any

import pytest

from harness.checks import ironic_keeps_nodes
from harness.journal import facts
from harness.judgement import Judgement
from tests.checks.history import Story, of_host

ADOPTION = ("enroll", "verifying", "manageable", "adopting", "active")
BEGAN = 10.0
"""When a move begins that comes after what was told before it (seconds)."""
ACTIVE = {"provision_updated_at": "2026-01-01T00:00:00Z", "inspection_finished_at": None}


def moved(*names: str) -> Story:
    """Hosts that were moved; the source's Ironic is down."""
    story = Story().sees("kube").sees("ironic", cluster="source").sees("ironic", cluster="target")
    story.tell(facts.IronicAnswers(ironic="source", up=False))
    story.tell(facts.IronicAnswers(ironic="target", up=True))
    for name in names or ("node-1",):
        story.host(name)
    story.move()
    for name in names or ("node-1",):
        story.host(name, cluster="target", change="added", provisioning={"state": "provisioned", "ID": f"uuid-of-{name}"})
    return story


def tell(story: Story, state: str = "active", *, uuid: str = "uuid-of-node-1", name: str = "metal3~node-1", **more: Any) -> None:
    body = {"uuid": uuid, "provision_state": state, **more}
    story.tell(facts.IronicNode(ironic="target", uuid=uuid, name=name, node=body))


def judged(story: Story, host: str = "node-1") -> Judgement:
    return of_host(ironic_keeps_nodes.check(story.ends().world()), host)


@pytest.mark.parametrize("way", [ADOPTION, (*ADOPTION[:4], "adopt failed", "active")])
def test_an_adoption_is_what_ironic_may_do(way):
    story = moved()
    for state in way:
        tell(story, state)

    assert judged(story).verdict == "pass"


@pytest.mark.parametrize(
    "state",
    [
        "deploying",
        "wait call-back",
        "cleaning",
        "inspecting",
        "deleting",
        "deploy hold",
        "error",
        "rescue",
        "servicing",
        "available",
    ],
)
def test_any_other_work_is_named_with_its_ironic(state):
    story = moved()
    for now in ("active", state, "active"):
        tell(story, now)
    judgement = judged(story)

    assert judgement.verdict == "fail"
    assert f"the Ironic of the target worked on it: its node was `{state}`" in judgement.says


def test_what_it_did_before_the_move_is_not_judged():
    story = Story().sees("kube").sees("ironic", cluster="source").sees("ironic", cluster="target")
    story.tell(facts.IronicAnswers(ironic="target", up=False))
    story.host()
    story.tell(facts.IronicNode(ironic="source", uuid="1", name="metal3~node-1", node={"provision_state": "deploying"}))

    assert judged(story.move()).verdict == "pass"


@pytest.mark.parametrize("name", ["metal3~node-2", "node-2"])
def test_a_node_that_bears_another_hosts_name_fails_for_both(name):
    story = moved("node-1", "node-2")
    tell(story, name=name)
    story.ends()
    said = {each.host: each for each in ironic_keeps_nodes.check(story.world())}

    assert [said[host].verdict for host in ("node-1", "node-2")] == ["fail", "fail"]
    assert f"bears another's name, {name}" in said["node-1"].says


def test_the_bare_name_is_the_hosts_too():
    story = moved()
    tell(story, name="node-1")

    assert judged(story).verdict == "pass"


@pytest.mark.parametrize(
    ("times", "verdict"),
    [
        ({"reservation": "conductor-1"}, "pass"),
        ({"provision_updated_at": "2026-01-01T00:10:00Z"}, "unknown"),
        ({"inspection_finished_at": "2026-01-01T00:10:00Z"}, "unknown"),
        ({"provision_state": "adopting", "provision_updated_at": "2026-01-01T00:10:00Z"}, "pass"),
    ],
)
def test_times_that_moved_between_two_looks_tell_of_work_that_was_not_seen(times, verdict):
    story = moved()
    tell(story, **ACTIVE)
    tell(story, times.pop("provision_state", "active"), **(ACTIVE | times))

    assert judged(story).verdict == verdict


def test_a_node_that_came_back_as_another_one_is_unknown():
    story = moved()
    tell(story)
    story.tell(facts.IronicNodeGone(ironic="target", uuid="uuid-of-node-1", name="metal3~node-1"))
    tell(story, uuid="another")
    judgement = judged(story)

    assert judgement.verdict == "unknown"
    assert "lost its node and made another one" in judgement.says


def test_an_ironic_that_was_never_told_up_or_down_is_unknown():
    story = Story().sees("kube").sees("ironic", cluster="source").sees("ironic", cluster="target")
    story.tell(facts.IronicAnswers(ironic="target", up=True))
    story.host()

    assert "the Ironic of the source was never told to answer, or not to answer" in judged(story.move()).says


@pytest.mark.parametrize(
    ("power", "says"),
    [
        ({"power_state": "power off"}, "its node in the Ironic of the target was off"),
        ({"target_power_state": "power off"}, "was about to get `power off`"),
        ({"target_power_state": "soft rebooting"}, "was about to get `soft rebooting`"),
    ],
)
def test_one_look_at_which_its_server_was_off_or_to_be_switched_is_enough(power, says):
    story = moved()
    for more in ({}, power, {}):
        tell(story, **({"power_state": "power on"} | more))
    judgement = judged(story)

    assert judgement.verdict == "fail"
    assert says in judgement.says


@pytest.mark.parametrize("power", [None, "power on", "error"])
def test_a_power_that_is_on_or_not_known_for_a_moment_is_harmless(power):
    story = moved()
    for now in ("power on", power, "power on"):
        tell(story, power_state=now, target_power_state=None)

    assert judged(story).verdict == "pass"


def test_the_node_of_a_host_that_was_off_before_may_be_off():
    story = Story().sees("kube", "ironic")
    story.tell(facts.IronicAnswers(ironic="source", up=False))
    story.host(poweredOn=False)
    story.move()
    story.host(cluster="target", change="added", poweredOn=False)
    tell(story, power_state="power off")

    assert judged(story).verdict == "pass"


def test_two_nodes_of_one_host_at_the_end_are_unsure():
    story = moved()
    tell(story)
    tell(story, uuid="another")
    said = judged(story)

    assert (said.verdict, "more than one node of it at the end" in said.says) == ("unknown", True), said.says


@pytest.mark.parametrize(
    ("powers", "verdict"), [(("power on", None), "unknown"), (("power on", None, "power on"), "pass"), ((None,), "pass")]
)
def test_a_power_that_is_not_known_any_more_is_unsure(powers, verdict):
    story = moved()
    for power in powers:
        tell(story, power_state=power)

    assert judged(story).verdict == verdict


def test_an_ironic_that_was_down_may_have_forgotten_a_node():
    story = moved()
    tell(story, uuid="before")
    story.tell(facts.IronicAnswers(ironic="target", up=False))
    story.tell(facts.IronicAnswers(ironic="target", up=True))
    tell(story)

    assert "more than one node" not in judged(story).says


@pytest.mark.parametrize(
    ("first", "last", "verdict"),
    [
        ({"deploy_interface": "custom-agent"}, {"deploy_interface": "ramdisk"}, "unknown"),
        ({"deploy_step": {}}, {"deploy_step": {"step": "write_image"}}, "unknown"),
        ({"deploy_interface": None}, {"deploy_interface": "direct"}, "pass"),
        ({"reservation": "a", "properties": {}}, {"reservation": None, "properties": {"cpus": 1}}, "pass"),
    ],
)
def test_how_ironic_drives_a_running_server_stays(first, last, verdict):
    story = moved()
    for more in (first, last):
        tell(story, **more)

    assert judged(story).verdict == verdict


@pytest.mark.parametrize(
    ("gone_at", "back_at", "verdict"),
    [(7.2, 7.5, "pass"), (7.5, 40.0, "pass"), (40.0, 41.0, "unknown"), (40.0, 600.0, "unknown")],
)
def test_a_node_that_came_back_as_another_one_counts_where_both_came_after_the_move_began(gone_at, back_at, verdict):
    story = Story().sees("kube").sees("ironic", cluster="source").sees("ironic", cluster="target")
    for side, up in (("source", False), ("target", True)):
        story.tell(facts.IronicAnswers(ironic=side, up=up))
    story.host()
    gone = facts.IronicNodeGone(ironic="target", uuid="old", name="metal3~node-1")
    back = facts.IronicNode(ironic="target", uuid="new", name="metal3~node-1", node={"uuid": "new", "provision_state": "active"})
    copy = {"cluster": "target", "change": "added", "provisioning": {"state": "provisioned", "ID": "new"}}
    for fact, at in ((gone, gone_at), (back, back_at)):
        if at < BEGAN:
            story.tell(fact, at=at)
    story.time = BEGAN - 1
    story.move()
    story.host(**copy)
    for fact, at in ((gone, gone_at), (back, back_at)):
        if at >= BEGAN:
            story.tell(fact, at=at)

    assert judged(story).verdict == verdict
