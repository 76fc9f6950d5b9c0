"""Settling: who is waited for is told, who has arrived is not looked at again and again, and blindness is not waited out."""

from harness.journal import facts
from harness.metal3 import PAUSED
from harness.steps import settle
from tests.checks.history import Story


def moved() -> Story:
    """Two hosts of which only the first is un-paused in the target."""
    story = Story().sees("kube", "mover").sees("ironic", cluster="source").sees("ironic", cluster="target")
    for name in ("node-1", "node-2"):
        story.host(name)
    story.begins_move()
    for name in ("node-1", "node-2"):
        story.host(name, cluster="target", change="added", annotations={PAUSED: "metal3.io/capm3"})
    return story.move()


def adopted(story: Story, name: str) -> None:
    """All parts of the proof, in the target."""
    secret = story.object("target", "Secret", f"{name}-bmc", {}).fact
    assert isinstance(secret, facts.ObjectSeen)
    node = {"uuid": name, "provision_state": "active"}
    story.tell(facts.IronicNode(ironic="target", uuid=name, name=f"metal3~{name}", node=node))
    story.host(
        name,
        cluster="target",
        change="modified",
        provisioning={"state": "provisioned", "ID": name},
        operationHistory={"register": {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:00:01Z"}},
        goodCredentials={"credentialsVersion": secret.resource_version},
    )


def test_who_is_waited_for_is_told_with_what_is_lacking():
    arrival = settle.Arrival()
    assert not arrival(moved().world(final=False))
    assert arrival.awaited.startswith("2 of 2 hosts to be adopted, the first of them: node-1 is still paused in the target")


def test_a_host_of_which_something_was_missed_for_good_is_waited_for_by_its_last_look():
    story = moved()
    story.tell(facts.SightLost(sight="kube", cluster="target", kind="BareMetalHost", says="cut"))
    arrival = settle.Arrival()
    assert not arrival(story.world(final=False)), "it may come again with all that happened"
    story.tell(facts.SightRegained(sight="kube", cluster="target", kind="BareMetalHost", complete=False))
    assert not arrival(story.world(final=False))
    assert "node-1 is still paused" in arrival.awaited
    for name in ("node-1", "node-2"):
        adopted(story, name)
    assert arrival(story.world(final=False))


def test_a_run_without_hosts_waits_for_nobody():
    assert settle.Arrival()(Story().sees("kube").world(final=False))


def test_a_host_that_nobody_moved_is_waited_for():
    story = Story().sees("kube")
    story.host()
    arrival = settle.Arrival()
    assert not arrival(story.world(final=False))
    assert "node-1 was not moved by anybody" in arrival.awaited
