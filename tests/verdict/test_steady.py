"""`promise: steady`: nothing is reprovisioned, with or without a move, from the begin of the run or of a stage."""

import msgspec
import pytest

from harness.files.words import WordFiles
from harness.journal import facts
from harness.verdict.judge import judge_entries
from harness.verdict.promise import promised_checks
from tests.checks.history import Story

CHECKS = ("hosts_keep_state", "bmc_untouched", "history_unchanged")
HISTORY = {"operationHistory": {"provision": {"start": "1", "end": "2"}}}


def story(*, promise="steady", stage="", checks=CHECKS, clusters=()) -> Story:
    """A host that is watched, and a step that begins when all of it was seen."""
    told = Story()
    expected = [facts.Expectation(check=check, block=stage, steady=bool(stage)) for check in checks]
    began = msgspec.structs.replace(told.entries[0].fact, promise=promise, expectations=expected)
    told.entries[0] = msgspec.structs.replace(told.entries[0], fact=began)
    for name in clusters:
        told.object("source", "Cluster", name, {})
    told.host(**HISTORY)
    told.sees("bmc", "bmc_requests", host="node-1").sees("kube").sees("mover")
    told.tell(facts.StepBegan(step="1", word="quiet"))
    return told


def asked(told: Story, method="GET", at=None, **more) -> None:
    path = "/redfish/v1/Systems/1" + ("" if method == "GET" else "/Actions/ComputerSystem.Reset")
    body = "" if method == "GET" else '{"ResetType": "ForceRestart"}'
    told.tell(facts.BmcRequest(host="node-1", method=method, path=path, status=204, body=body, **more), at=at)


def judged(told: Story) -> dict:
    told.tell(facts.StepEnded(step="1", word="quiet", how="done"))
    return judge_entries(told.ends().entries)


def said(verdict: dict, check: str) -> tuple[str, str]:
    return next((item["verdict"], item["says"]) for item in verdict["checks"] if item["check"] == check)


def test_hosts_that_stay_as_they_are_pass_without_a_move():
    told = story()
    asked(told)
    verdict = judged(told)

    assert (verdict["verdict"], verdict["hosts"]["node-1"]["verdict"]) == ("pass", "pass")
    assert verdict["moves"] == []
    assert verdict["horizon"]["from"] == 5.0


def test_without_that_promise_the_same_is_unknown():
    told = story(promise="move")
    asked(told)

    assert judged(told)["verdict"] == "unknown"


@pytest.mark.parametrize("gone", [False, True])
def test_a_deletion_that_may_have_been_a_users_proves_nothing_of_what_came_of_it(gone):
    told = story(clusters=("lab",))
    told.object(
        "source", "Cluster", "lab", {"metadata": {"name": "lab", "deletionTimestamp": "2026-01-01T00:00:00Z"}}, "modified"
    )
    if gone:
        told.object("source", "Cluster", "lab", {}, "deleted")
    told.host(change="modified", provisioning={"state": "deprovisioning", "ID": "1"}, **HISTORY)
    verdict, says = said(judged(told), "hosts_keep_state")

    assert verdict == "unknown"
    assert "whether by its user was not seen" in says


def test_a_reset_fails_and_one_before_the_time_began_does_not():
    told = story()
    asked(told, "POST")
    assert judged(told)["hosts"]["node-1"]["verdict"] == "fail"

    early = Story()
    began = msgspec.structs.replace(
        early.entries[0].fact, promise="steady", expectations=[facts.Expectation(check="bmc_untouched")]
    )
    early.entries[0] = msgspec.structs.replace(early.entries[0], fact=began)
    early.sees("bmc", "bmc_requests", host="node-1")
    asked(early, "POST")
    early.host(**HISTORY)
    early.sees("kube")
    early.tell(facts.StepBegan(step="1", word="quiet"))
    asked(early)
    assert judged(early)["hosts"]["node-1"]["verdict"] == "pass"


def test_a_host_that_leaves_its_state_fails():
    told = story()
    asked(told)
    told.host(change="modified", provisioning={"state": "deprovisioning"}, **HISTORY)

    assert said(judged(told), "hosts_keep_state")[0] == "fail"


def test_a_record_without_any_request_proves_nothing():
    verdict, says = said(judged(story()), "bmc_untouched")
    assert verdict == "unknown"
    assert "the record of requests shows none to its server" in says or "latches" in says


@pytest.mark.parametrize("sight", ["bmc_requests", "kube"])
def test_a_witness_that_ended_before_the_time_did_proves_nothing(sight):
    told = story(checks=("hosts_keep_state", "bmc_untouched"))
    asked(told)
    where = {"host": "node-1"} if sight == "bmc_requests" else {}
    told.tell(facts.SightEnded(sight=sight, complete=True, **where))
    told.tell(facts.StepEnded(step="1", word="quiet", how="done"), at=told.time + 10)
    entries = told.ends().entries
    kept = [entry for entry in entries if not (entry.seq > told.entries[-6].seq and getattr(entry.fact, "sight", "") == sight)]
    assert judge_entries(kept)["verdict"] == "unknown"


def test_a_stage_holds_from_its_begin_to_its_end():
    for early, late, verdict in ((True, False, "pass"), (False, False, "fail"), (False, True, "pass")):
        told = Story()
        expected = [facts.Expectation(check="bmc_untouched", block="2", steady=True)]
        began = msgspec.structs.replace(told.entries[0].fact, expectations=expected)
        told.entries[0] = msgspec.structs.replace(told.entries[0], fact=began)
        told.host(**HISTORY)
        told.sees("bmc", "bmc_requests", host="node-1").sees("kube")
        for step, harmed in (("1", early), ("2", not early and not late), ("3", late)):
            told.tell(facts.StepBegan(step=step, word="quiet"))
            asked(told)
            if harmed:
                asked(told, "POST")
            told.tell(facts.StepEnded(step=step, word="quiet", how="done"))
        assert said(judge_entries(told.ends().entries), "bmc_untouched")[0] == verdict, (early, late)


def test_the_steady_promise_is_what_needs_no_move():
    names = promised_checks(WordFiles(), "run", steady=True)
    assert {"hosts_keep_state", "bmc_untouched", "nodes_untouched", "run_completes", "move_completes"} <= set(names)
    assert not {"hosts_adopted", "objects_arrive", "moved_in_order", "annotations_consumed"} & set(names)
