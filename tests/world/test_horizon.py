"""Until when: a witness that ended before it was needed proves nothing, and a verdict states its least end."""

from typing import Any

import msgspec
import pytest

from harness.checks import bmc_untouched, hosts_keep_state, nodes_untouched
from harness.journal import facts
from harness.journal.entry import Entry
from harness.world.horizon import all_needed_until, horizon, needed_until, steady_until
from harness.world.hosts import promised
from tests.checks.history import PAUSED, Story, of_host


def move(*, early: str = "", after: bool = False) -> Story:
    """A move of one host with three witnesses, of which one may end before the mover does, or after it."""
    story = Story().sees("kube", "mover", "ironic")
    story.host()
    story.sees("bmc", "bmc_requests", host="node-1")
    if early and not after:
        story.tell(facts.SightEnded(sight=early, host="node-1" if early.startswith("bmc") else "", complete=True))
    story.move()
    if early and after:
        story.tell(facts.SightEnded(sight=early, host="node-1" if early.startswith("bmc") else "", complete=True))
    return story


def ended(story: Story, *, but: str) -> Story:
    for fact in [entry.fact for entry in story.entries if isinstance(entry.fact, facts.SightBegan)]:
        if fact.sight != but:
            story.tell(facts.SightEnded(sight=fact.sight, host=fact.host, complete=True))
    story.tell(facts.RunEnded(how="done"))
    return story


@pytest.mark.parametrize(
    ("sight", "check"), [("bmc_requests", bmc_untouched), ("kube", hosts_keep_state), ("kube", nodes_untouched)]
)
def test_a_witness_that_ended_before_the_mover_did_proves_nothing(sight, check):
    story = ended(move(early=sight), but=sight)
    judgement = of_host(check.check(story.world()))
    assert judgement.verdict == "unknown"


def test_a_witness_that_ended_after_the_move_is_whole_and_bounds_the_horizon():
    story = ended(move(early="bmc_requests", after=True), but="bmc_requests")
    assert of_host(bmc_untouched.check(story.world())).verdict == "pass"
    held = horizon(story.world())
    assert held is not None
    assert held.first == "sight on the requests to the BMC of node-1"
    assert held.until < story.entries[-1].at


def test_without_a_move_there_is_no_horizon():
    assert horizon(Story().sees("kube").ends().world()) is None


def test_a_sight_that_begins_again_after_its_end_has_a_gap_between():
    story = Story().sees("kube")
    story.host()
    story.tell(facts.SightEnded(sight="kube", complete=True))
    story.sees("kube").move().ends()
    judgement = of_host(hosts_keep_state.check(story.world()))
    assert judgement.verdict == "unknown"
    assert "began again" in judgement.says


ADOPTED = {
    "operationHistory": {"register": {"start": "8", "end": "9"}},
    "goodCredentials": {"credentialsVersion": "7"},
    "provisioning": {"state": "provisioned", "ID": "2"},
}
AGO = {"operationHistory": {"register": {"start": "1", "end": "2"}}, "goodCredentials": {"credentialsVersion": "1"}}


def adopted(*, node_at: float = 0.0, state: str = "active", **instead: Any) -> Story:
    """A move that ended at 20 s; its host shows its adoption at 31 s, and Ironic its node at another time."""
    story = Story().sees("kube", "mover").sees("ironic", cluster="source").sees("ironic", cluster="target")
    story.host(**AGO)
    story.begins_move().move(seconds=20.0 - story.time)
    secret = story.object("target", "Secret", "node-1-bmc", {}, "added")
    story.entries[-1] = Entry(secret.seq, secret.since, secret.at, msgspec.structs.replace(secret.fact, resource_version="7"))
    story.host(cluster="target", change="added", annotations={PAUSED: "x"}, **ADOPTED)
    story.time = 30.0
    story.host(cluster="target", change="modified", **(ADOPTED | instead))
    if node_at:
        node = {"uuid": "2", "provision_state": state}
        story.tell(facts.IronicNode(ironic="target", uuid="1", name="metal3~other", node=node), at=node_at - 1)
        for at in (node_at, node_at + 5):
            story.tell(facts.IronicNode(ironic="target", uuid="2", name="metal3~node-1", node=node), at=at)
    return story


NEEDED: dict[str, tuple[dict[str, Any], float]] = {
    "adopted by its own account": ({}, 31.0),
    "and by Ironic's, later": ({"node_at": 40.0}, 40.0),
    "by Ironic's in another state": ({"node_at": 40.0, "state": "adopting"}, 31.0),
    "without its registration": ({"operationHistory": AGO["operationHistory"]}, 20.0),
    "without its credentials": ({"goodCredentials": AGO["goodCredentials"]}, 20.0),
    "without another ID": ({"provisioning": {"state": "provisioned", "ID": "1"}}, 20.0),
    "still paused": ({"annotations": {PAUSED: "x"}}, 20.0),
}


@pytest.mark.parametrize(("how", "until"), NEEDED.values(), ids=NEEDED)
def test_a_witness_is_needed_until_the_host_was_adopted(how, until):
    world = adopted(**how).ends().world()
    (host,) = promised(world)

    assert needed_until(world, host) == until
    assert all_needed_until(world) == until


def test_where_no_move_ended_witnesses_are_needed_by_nothing():
    story = Story().sees("kube", "mover")
    story.host()
    story.begins_move()
    world = story.ends().world()

    assert [needed_until(world, host) for host in promised(world)] == [0.0]
    assert all_needed_until(Story().world()) == 0.0


@pytest.mark.parametrize(("did", "until"), [(True, 50.0), (False, 40.0)])
def test_a_steady_time_ends_with_what_was_done_or_a_minute_before_the_last_witness(did, until):
    story = Story()
    story.entries[0] = Entry(0, 0.0, 1.0, msgspec.structs.replace(story.entries[0].fact, promise="steady"))
    story.sees("kube", "probe")
    if did:
        for at in (10.0, 50.0):
            story.tell(facts.StepEnded(step="1", word="quiet", how="done"), at=at)
    story.tell(facts.SightEnded(sight="kube", complete=True), at=100.0)
    story.tell(facts.SightEnded(sight="probe", complete=True), at=120.0)

    assert steady_until(story.world()) == until
