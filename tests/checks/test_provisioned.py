"""Hosts that a run provisions itself: from when they are promised to stay as they are, and what of their Nodes counts."""

import pytest

from harness.checks import bmc_untouched, hosts_adopted, nodes_untouched, preflight_hosts
from harness.journal import facts
from harness.world.hosts import hosts
from tests.checks.history import Story

BOOT, OTHER = "boot-1", "boot-2"


def provisioned(story: Story, *, how: str = "done") -> Story:
    """A host that appears in the run and is provisioned when the step ends."""
    story.sees("kube", cluster="source", kind="BareMetalHost").sees("kube", cluster="workload", kind="Node")
    story.host(change="added", provisioning={"state": "registering"})
    story.host(change="modified")
    story.tell(facts.StepEnded(step="1", word="provision", how=how))  # type: ignore[arg-type]
    return story


def node(story: Story, boot: str = "", change: str = "modified", machine: str = "disk") -> None:
    info = {"bootID": boot, "machineID": boot and machine}
    body = {
        "metadata": {"name": "node-1", "uid": "n"},
        "spec": {"providerID": "metal3://metal3/node-1/m"},
        "status": {"nodeInfo": info},
    }
    story.object("workload", "Node", "node-1", body, change)


def verdicts(check, world) -> list[str]:
    return [judgement.verdict for judgement in check.check(world)]


def test_a_host_that_the_run_has_provisioned_is_promised_from_then_on():
    story = provisioned(Story().sees("kube"))
    (host,) = hosts(story.world())

    assert (host.state, host.origin) == ("provisioned", "source")
    assert verdicts(preflight_hosts, story.world()) == ["pass"]


def test_what_becomes_of_it_before_the_move_is_told_by_the_preflight():
    story = provisioned(Story())
    story.host(change="modified", errorType="power management error")

    assert verdicts(preflight_hosts, story.world()) == ["fail"]


@pytest.mark.parametrize("how", ["failed", "cancelled"])
def test_a_host_whose_provisioning_failed_is_promised_nothing(how):
    assert hosts(provisioned(Story(), how=how).world()) == []


def test_without_a_move_nothing_is_proven():
    assert verdicts(hosts_adopted, provisioned(Story()).ends().world()) == ["unknown"]


def test_somebody_elses_provisioning_promises_nothing():
    story = Story(mode="watch")
    story.host(change="added")

    assert hosts(story.ends().world()) == []


def test_a_node_that_comes_after_its_host_is_provisioned_is_watched_from_its_boot_on():
    story = provisioned(Story())
    node(story, change="added")
    node(story, BOOT)
    story.move()

    assert verdicts(nodes_untouched, story.ends().world()) == ["pass"]


def test_a_boot_after_that_is_a_failure():
    story = provisioned(Story())
    node(story, change="added")
    node(story, BOOT)
    story.move()
    node(story, OTHER)

    assert verdicts(nodes_untouched, story.ends().world()) == ["fail"]


def test_a_boot_before_the_move_is_none_of_its_own():
    story = provisioned(Story())
    node(story, change="added")
    node(story, BOOT)
    node(story, OTHER)
    story.move()

    assert verdicts(nodes_untouched, story.ends().world()) == ["pass"]


def test_a_node_that_boots_only_after_the_move_began_proves_nothing():
    story = provisioned(Story())
    node(story, change="added")
    story.move()
    node(story, BOOT)

    assert verdicts(nodes_untouched, story.ends().world()) == ["unknown"]


def reset_at(story: Story, at: float) -> None:
    fact = facts.BmcRequest(host="node-1", method="POST", path=RESET, status=204, body='{"ResetType": "ForceRestart"}')
    story.tell(fact, at=at)


@pytest.mark.parametrize(
    ("asked_at", "booted_at", "kept", "verdict"),
    [(30.0, 60.0, "disk", "pass"), (30.0, 900.0, "disk", "fail"), (30.0, 60.0, "other", "fail"), (52.0, 60.0, "disk", "fail")],
    ids=["before the move", "too late to be of that one", "and another disk", "within the move"],
)
def test_a_boot_that_shows_late_is_of_the_reset_before_the_move(asked_at, booted_at, kept, verdict):
    story = Story().sees("kube").sees("kube", cluster="workload", kind="Node").sees("bmc", "bmc_requests", host="node-1")
    story.host()
    node(story, BOOT, change="listed")
    for at, act in sorted([(asked_at, lambda: reset_at(story, asked_at)), (50.0, story.begins_move)], key=lambda it: it[0]):
        story.time = at - 1
        act()
    story.move()
    story.time = booted_at - 1
    node(story, OTHER, machine=kept)
    story.time = 1000.0

    assert verdicts(nodes_untouched, story.ends().world()) == [verdict]


# --- what its BMC tells of its last boot ---

RESET = "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset"
PROVISIONED_AT, ENDED_AT, MOVED_AT = 10.0, 20.0, 30.0


def told_by_bmc(since: float, at: float, *, change: str = "added", by_request: bool = False) -> Story:
    """A reset that a poll shows to have been between these times; the host was provisioned at 10 s, and is moved at 30 s."""
    story = Story().sees("kube").sees("bmc", "bmc_requests", host="node-1")
    story.tell(facts.BmcRead(host="node-1", power="On", signals={"MetalPivot.ResetCount": "4"}), at=1.0)
    story.host(change=change, provisioning={"state": "provisioned"})
    story.time = PROVISIONED_AT - 1
    story.host(change="modified")
    if by_request:
        fact = facts.BmcRequest(host="node-1", method="POST", path=RESET, status=204, body='{"ResetType": "On"}')
        story.tell(fact, since=since, at=at)
    else:
        story.tell(facts.BmcRead(host="node-1", power="On", signals={"MetalPivot.ResetCount": "4"}), at=since)
        story.tell(facts.BmcRead(host="node-1", power="On", signals={"MetalPivot.ResetCount": "5"}), since=since, at=at)
    story.time = max(story.time, ENDED_AT)
    story.tell(facts.StepEnded(step="1", word="provision", how="done"), at=story.time)
    story.time = max(story.time, MOVED_AT) - 1
    return story.move()


@pytest.mark.parametrize("by_request", [True, False])
@pytest.mark.parametrize(
    ("since", "at", "change", "verdict"),
    [
        (8.0, 9.5, "added", "pass"),
        (9.0, 11.0, "added", "pass"),
        (11.0, 12.0, "added", "pass"),
        (9.0, 11.0, "listed", "pass"),
    ],
    ids=["before it was provisioned", "perhaps before", "after it", "of a host that was there before we looked"],
)
def test_a_boot_before_the_move_is_none_of_its_own_by_the_bmc_either(since, at, change, verdict, by_request):
    story = told_by_bmc(since, at, change=change, by_request=by_request)

    assert verdicts(bmc_untouched, story.ends().world()) == [verdict]


def test_a_reset_that_may_have_been_after_the_move_began_is_not_excused():
    (host,) = hosts(provisioned(Story()).move().world())
    first = host.baseline.entry.at

    assert not host.concerns(first - 1, first + 0.1)
    assert host.concerns(first - 1, host.since + 1)
