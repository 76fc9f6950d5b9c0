"""run_completes and network_serves: what a run itself must have been like."""

import msgspec
import pytest

from harness.checks import network_serves, run_completes
from harness.journal import facts
from harness.journal.entry import Entry
from harness.judgement import merge
from harness.verdict.judge import judge_entries
from harness.world.world import World
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


def step(story: Story, path: str, word: str, how: facts.Any = "done") -> None:
    story.tell(facts.StepBegan(step=path, word=word))
    if how:
        story.tell(facts.StepEnded(step=path, word=word, how=how))


def moving(*, moved: bool = True, settled: str = "done", planned: dict[str, str] | None = None) -> Story:
    """A run that makes one move in a step, and settles."""
    story = Story()
    began = msgspec.structs.replace(story.entries[0].fact, steps=planned or {})
    story.entries[0] = msgspec.structs.replace(story.entries[0], fact=began)
    story.sees("mover")
    story.tell(facts.StepBegan(step="1", word="move"))
    if moved:
        story.move()
    story.tell(facts.StepEnded(step="1", word="move", how="done"))
    if settled:
        step(story, "2", "settle", settled)
    return story


TABLE = {
    "kept": (moving(), "done", "pass", "came to its end"),
    "kept as planned": (moving(planned={"1": "move", "2": "settle"}), "done", "pass", "came to its end"),
    "a step was stopped": (moving(settled="cancelled"), "done", "unknown", "step 2 (settle) was stopped"),
    "a move without a mover": (moving(moved=False), "done", "unknown", "no mover was seen to start in it"),
    "nothing looked on": (moving(settled=""), "done", "unknown", "no step `settle` looked on"),
    "a planned step is not there": (moving(planned={"1": "move", "2": "settle", "3": "quiet"}), "done", "unknown", "3 (quiet)"),
    "failed without a failed step": (moving(), "failed", "fail", "says of itself that it failed"),
    "refused": (moving(), "refused", "unknown", "did not come to its end: refused"),
}


@pytest.mark.parametrize(("story", "how", "verdict", "says"), TABLE.values(), ids=TABLE)
def test_the_run_itself(story, how, verdict, says):
    said = list(run_completes.check(World([*story.entries, *end(story, how)], final=True)))

    assert merge(it.verdict for it in said) == verdict
    assert says in said[0].says


def end(story: Story, how: facts.Any) -> list[Entry]:
    return [Entry(len(story.entries), story.time + 1, story.time + 1, facts.RunEnded(how=how))]


def test_a_step_and_a_fault_without_an_end_prove_nothing():
    story = moving()
    story.tell(facts.StepBegan(step="3", word="quiet"))

    assert [(it.verdict, it.says) for it in run_completes.check(story.ends().world())] == [
        ("unknown", "step 3 (quiet) has no end")
    ]
    story = moving()
    story.tell(facts.FaultBegan(fault="f1", word="watch_cut"))

    assert verdict(run_completes, story.ends()) == "unknown"


@pytest.mark.parametrize("block", ["", "1"])
def test_a_scenario_cannot_leave_it_out_nor_keep_it_to_a_block(block):
    story = moving(settled="failed")
    began = msgspec.structs.replace(
        story.entries[0].fact, expectations=[facts.Expectation(check="run_completes" if block else "bmc_untouched", block=block)]
    )
    told = judge_entries([msgspec.structs.replace(story.entries[0], fact=began), *story.ends().entries[1:]])

    assert told["verdict"] == "fail"
    whole = [(it["check"], it["verdict"]) for it in told["checks"]][1:]
    assert ("run_completes", "fail") in whole
    assert ("move_completes", "pass") in whole


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


def test_an_owner_that_nobody_probed_at_the_end_is_unknown_whatever_was_probed_before():
    story = serving()
    probe(story, "image", ok=False, address="i", says="refused")
    story.tell(facts.SightEnded(sight="probe", cluster="target", complete=True))
    story.move()

    assert {judgement.verdict for judgement in network_serves.check(story.ends().world())} <= {"unknown"}


def test_an_ironic_of_which_nobody_told_is_not_said_to_be_silent():
    story = Story().sees("kube", "mover", "probe").sees("ironic", cluster="source").sees("ironic", cluster="target")
    story.host()
    story.tell(facts.IronicAnswers(ironic="source", up=False))
    story.move()
    judgement = next(each for each in network_serves.check(story.ends().world()) if each.host is None)

    assert judgement.verdict == "unknown"


def begun(*places: int) -> Story:
    """A run that came to its end, with its beginning at these places."""
    story = Story().ends()
    first, others = story.entries[0].fact, [entry.fact for entry in story.entries[1:]]
    for place in places:
        others.insert(place, first)
    story.entries = [Entry(number, float(number), float(number), fact) for number, fact in enumerate(others)]
    return story


@pytest.mark.parametrize(
    ("places", "verdict_", "says"),
    [
        ((0,), "pass", ""),
        ((), "unknown", "has no beginning"),
        ((1,), "unknown", "has no beginning"),
        ((0, 1), "unknown", "second"),
    ],
)
def test_a_journal_begins_once_and_with_its_first_entry(places, verdict_, says):
    judged = judge_entries(begun(*places).entries, checks=[facts.Expectation(check="run_completes")])["checks"]

    assert merge(each["verdict"] for each in judged) == verdict_
    assert any(says in each["says"] for each in judged)


def test_a_journal_without_a_beginning_is_judged_all_the_same_and_says_so():
    told = judge_entries(begun().entries)

    assert told["verdict"] == "unknown"
    assert any("has no beginning" in each["says"] for each in told["checks"])


def test_a_run_that_goes_on_has_no_end_yet():
    story = moving()

    assert list(run_completes.check(story.world(final=False))) == []
    assert [it.says for it in run_completes.check(story.world())] == [
        "the journal has no end: the run was cut off, or it is still being written"
    ]


def test_of_what_went_wrong_all_is_told_and_the_end_only_where_nothing_was():
    story = Story()
    step(story, "1", "start_ironic", "failed")
    step(story, "2", "settle", "cancelled")
    story.tell(facts.FaultBegan(fault="f1", word="watch_cut"))
    story.tell(facts.FaultHealed(fault="f1", word="watch_cut", effect=False, says="why"))
    story.tell(facts.FaultBegan(fault="f2", word="status_lost"))
    story.tell(facts.FaultHealed(fault="f2", word="status_lost", effect=True))
    says = [(it.verdict, it.says, it.evidence) for it in run_completes.check(story.ends(how="failed").world())]

    assert says == [
        ("fail", "step 1 (start_ironic): ", (2,)),
        ("unknown", "step 2 (settle) was stopped", (4,)),
        ("unknown", "the fault watch_cut had no effect, so nothing is proven: why", (6,)),
    ]


@pytest.mark.parametrize(("how", "says", "verdict"), [("bug", "why", "unknown"), ("failed", "why", "fail"), ("done", "", "pass")])
def test_how_a_run_ended_is_shown_by_its_end(how, says, verdict):
    story = Story()
    end_ = story.tell(facts.RunEnded(how=how, says=says))
    (said,) = run_completes.check(story.world())

    assert (said.verdict, said.evidence) == (verdict, (end_.seq,))
    assert f"{how} {says}".strip() in said.says or how == "done"


@pytest.mark.parametrize("moved", [False, True])
def test_a_refused_run_says_so_unless_it_moved_something(moved):
    story = Story().sees("mover")
    if moved:
        story.move()
    story.tell(facts.RunEnded(how="refused", says="not fit"))
    (said,) = run_completes.check(story.world())

    assert said.verdict == "unknown"
    assert said.says.startswith("the run was refused, so nothing was moved: not fit") is not moved
