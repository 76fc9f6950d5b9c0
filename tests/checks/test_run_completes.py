"""run_completes and network_serves: what a run itself must have been like."""

import pytest

from harness.checks import network_serves, run_completes
from harness.journal import facts
from harness.judgement import merge
from tests.checks.history import Story, of_host


def verdict(check, story: Story, *, final: bool = True) -> str:
    return merge(judgement.verdict for judgement in check.check(story.world(final=final)))


def test_a_run_that_came_to_its_end_passes():
    assert verdict(run_completes, Story().ends()) == "pass"


@pytest.mark.parametrize("how", ["interrupted", "lab-broke", "bug"])
def test_a_run_that_did_not_is_unknown(how):
    assert verdict(run_completes, Story().ends(how=how)) == "unknown"


def test_a_journal_without_an_end_is_unknown():
    assert verdict(run_completes, Story()) == "unknown"


def test_a_step_that_the_system_did_not_do_fails():
    story = Story()
    story.tell(facts.StepEnded(step="1", word="start_ironic", how="failed", says="waited 600 s"))

    assert verdict(run_completes, story.ends(how="failed")) == "fail"


def test_a_fault_without_effect_proves_nothing():
    story = Story()
    story.tell(facts.FaultHealed(fault="f1", word="status_lost", effect=False, says="its moment never came"))

    assert verdict(run_completes, story.ends()) == "unknown"


def serving() -> Story:
    story = Story().sees("kube").sees("ironic", cluster="source").sees("ironic", cluster="target").sees("bmc", host="node-1")
    story.sees("probe", cluster="target")
    story.host()
    story.move()
    story.tell(facts.IronicAnswers(ironic="source", up=False))
    story.tell(facts.IronicAnswers(ironic="target", up=True))
    probe(story, "bmc", host="node-1", address="b")
    probe(story, "ironic", ironic="target", address="i")
    probe(story, "image", address="m")
    return story


def probe(story: Story, what, *, ok: bool = True, **more) -> None:
    story.tell(facts.ProbeSeen(vantage="target", what=what, ok=ok, layer="content" if ok else "tcp", **more))


def test_an_owner_that_reaches_everything_passes():
    assert verdict(network_serves, serving().ends()) == "pass"


def test_a_bmc_that_the_owner_cannot_reach_at_the_end_fails_its_host():
    story = serving()
    probe(story, "bmc", ok=False, host="node-1", address="b", says="refused")

    assert of_host(network_serves.check(story.ends().world())).verdict == "fail"


def test_a_bmc_that_answers_nobody_is_silent_and_not_cut_off():
    story = serving()
    probe(story, "bmc", ok=False, host="node-1", address="b", says="silent")
    story.tell(facts.SightLost(sight="bmc", host="node-1"))

    assert of_host(network_serves.check(story.ends().world())).verdict == "unknown"


def test_two_ironics_that_answer_after_the_move_fail():
    story = serving()
    story.tell(facts.IronicAnswers(ironic="source", up=True))

    assert verdict(network_serves, story.ends()) == "fail"


def test_no_vantage_is_unknown():
    story = Story().sees("ironic", cluster="source").sees("ironic", cluster="target")
    story.host()
    story.tell(facts.IronicAnswers(ironic="source", up=True))

    assert verdict(network_serves, story.ends()) == "unknown"
