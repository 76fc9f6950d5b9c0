"""Until when: a witness that ended before it was needed proves nothing, and a verdict states its least end."""

import pytest

from harness.checks import bmc_untouched, hosts_keep_state, nodes_untouched
from harness.journal import facts
from harness.world.horizon import horizon
from tests.checks.history import Story, of_host


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
