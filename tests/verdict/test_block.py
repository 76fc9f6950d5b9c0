"""A check beside a step is held over what was up to that step's end, as the sights of the whole run saw it."""

import msgspec
import pytest

from harness.journal import facts
from harness.verdict.judge import judge_entries
from tests.checks.history import Story

OWN = facts.OwnPromise(form="always", conditions=["host.status.poweredOn"])
EXPECTED = {
    "a word": facts.Expectation(check="hosts_keep_power", block="2"),
    "a promise of one's own": facts.Expectation(check="it is on", block="2", own=OWN),
}


def judged(expected: facts.Expectation, *, off: str = "", blind: bool = False) -> str:
    """What is said of a host whose power goes in that step, or that nobody sees in the step of the move."""
    told = Story()
    began = msgspec.structs.replace(told.entries[0].fact, expectations=[expected])
    told.entries[0] = msgspec.structs.replace(told.entries[0], fact=began)
    told.host()
    told.sees("kube", "mover")
    for step in ("1", "2", "3"):
        told.tell(facts.StepBegan(step=step, word="quiet"))
        if step == "2":
            told.move()
        if blind and step == "2":
            told.tell(facts.SightLost(sight="kube"))
            told.tell(facts.SightRegained(sight="kube", complete=False))
        if step == off:
            told.host(change="modified", poweredOn=False)
        told.tell(facts.StepEnded(step=step, word="quiet", how="done"))
    verdict = judge_entries(told.ends().entries)
    return next(item["verdict"] for item in verdict["checks"] if item["check"] == expected.check)


@pytest.mark.parametrize("expected", EXPECTED.values(), ids=EXPECTED)
def test_it_is_kept_broken_and_unsure_over_its_block(expected):
    assert judged(expected) == "pass"
    assert judged(expected, off="2") == "fail"
    assert judged(expected, off="3") == "pass"
    assert judged(expected, blind=True) == "unknown"


def test_what_may_have_come_after_the_block_leaves_it_unsure():
    told = Story()
    asked = facts.OwnPromise(form="never", conditions=["fact.method == 'POST'"])
    expected = facts.Expectation(check="nothing is posted", block="1", steady=True, own=asked)
    began = msgspec.structs.replace(told.entries[0].fact, expectations=[expected])
    told.entries[0] = msgspec.structs.replace(told.entries[0], fact=began)
    told.host()
    told.sees("kube", "bmc_requests")
    told.tell(facts.StepBegan(step="1", word="quiet"))
    ended = told.tell(facts.StepEnded(step="1", word="quiet", how="done"))
    told.tell(facts.BmcRequest(host="node-1", method="POST", path="/x", status=200), since=ended.at - 0.5)
    told.tell(facts.BmcRequest(host="node-1", method="POST", path="/x", status=200))
    said = [
        (it["verdict"], it["evidence"]) for it in judge_entries(told.ends().entries)["checks"] if it["check"] == expected.check
    ]
    assert said == [("unknown", [ended.seq + 1])]


def of_eras(off: str) -> list[tuple[str, str]]:
    """Block and verdict of what is said of the power of a host that goes off in that part of a run with a rollout between two moves."""
    told = Story()
    expected = facts.Expectation(check="hosts_keep_power")
    told.entries[0] = msgspec.structs.replace(
        told.entries[0], fact=msgspec.structs.replace(told.entries[0].fact, expectations=[expected])
    )
    told.host()
    told.sees("kube", "mover")
    told.move()
    told.host(cluster="target", change="added")
    told.host(change="deleted")
    parts = ("before", "upgrade_cluster", "after")
    for part in parts:
        if part == "upgrade_cluster":
            told.tell(facts.StepBegan(step="1", word=part, arguments={"cluster": "target"}))
        if off == part:
            told.host(cluster="target", change="modified", poweredOn=False)
            told.tell(facts.StepBegan(step="0", word="quiet"))
            told.host(cluster="target", change="modified")
        if part == "upgrade_cluster":
            told.tell(facts.StepEnded(step="1", word=part, how="done"))
    told.tell(facts.MoverStarted(mover=2, origin="target", destination="source"))
    told.tell(facts.MoverEnded(mover=2, code=0))
    verdict = judge_entries(told.ends().entries)
    assert len(verdict["moves"]) == 2
    return [(it.get("block", ""), it["verdict"]) for it in verdict["checks"] if it["check"] == expected.check and it["host"]]


@pytest.mark.parametrize(
    ("off", "said"),
    [
        ("never", [("", "pass"), ("", "pass"), ("1", "pass")]),
        ("before", [("", "fail"), ("", "pass"), ("1", "pass")]),
        ("upgrade_cluster", [("", "pass"), ("", "pass"), ("1", "fail")]),
        ("after", [("", "pass"), ("", "fail"), ("1", "pass")]),
    ],
)
def test_what_a_move_promises_holds_up_to_a_rollout_and_anew_after_it_and_the_rollout_harms_nobody(off, said):
    assert of_eras(off) == said
