"""The first sentence: true, and with cause, hosts, actor, wall-clock time and cure."""

import msgspec
import pytest

from harness.journal import facts
from harness.verdict.headline import headline as sentence_of
from harness.verdict.judge import judge_entries
from harness.world.world import World
from tests.checks.history import Story, host_body

RESET = "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset"
HISTORY = {"inspect": {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:01:00Z"}}
JUDGED = ("hosts_keep_state", "history_unchanged", "image_unchanged", "bmc_untouched", "move_completes", "run_completes")


def story(*, hosts=("node-1",), expect=JUDGED, **began):
    told = Story()
    fact = msgspec.structs.replace(
        told.entries[0].fact,
        started="2026-11-30T13:12:00Z",
        started_fraction=0.6,
        expectations=[facts.Expectation(check=word) for word in expect],
        **began,
    )
    told.entries[0] = msgspec.structs.replace(told.entries[0], fact=fact)
    told.sees("kube", "mover").sees("ironic", cluster="source").sees("ironic", cluster="target")
    told.object("source", "Cluster", "lab", {})
    for name in hosts:
        told.sees("bmc_requests", host=name)
        told.host(name, operationHistory=HISTORY)
    return told


def moved(told):
    told.begins_move() if not any(isinstance(entry.fact, facts.MoverStarted) for entry in told.entries) else None
    told.object("target", "Cluster", "lab", {}, "added")
    told.object("source", "Cluster", "lab", {}, "deleted")
    return told.move()


def asks(told, host, *, client="ironic-target", kind="ForceOff", agent=""):
    body = f'{{"ResetType": "{kind}"}}'
    told.tell(facts.BmcRequest(host=host, method="POST", path=RESET, status=204, client=client, user_agent=agent, body=body))


def headline(told, **ends):
    return judge_entries(told.ends(**ends).entries)["headline"]


def test_a_pass_says_what_was_kept_when_and_what_was_done_to_those_to_whom_nothing_is_promised():
    told = story(hosts=("node-1", "node-2"))
    told.host("node-3", claimed=False)
    told.entries[-1].fact.object["status"]["provisioning"].pop("image")
    told.begins_move()
    asks(told, "node-3")
    assert headline(moved(told)) == (
        "None of the 2 hosts that run something was power-cycled, re-inspected or re-imaged by the move from source to target "
        "(13:12:12 to 13:12:35 UTC); node-3, to whom nothing is promised, was power-cycled, as upstream does with a host that runs nothing."
    )


def test_several_to_whom_nothing_is_promised_are_told_together():
    told = story()
    for name in ("node-3", "node-4"):
        told.host(name, claimed=False)
        told.entries[-1].fact.object["status"]["provisioning"].pop("image")
    told.begins_move()
    asks(told, "node-3")
    asks(told, "node-4")
    says = "; node-3 and node-4, to whom nothing is promised, were power-cycled, as upstream does with a host that runs nothing."
    assert headline(moved(told)).endswith(says)


def test_what_was_not_judged_is_not_claimed():
    says = headline(moved(story(expect=["hosts_keep_state"])))
    assert says == (
        "What was asked of 1 host was kept by the move from source to target (13:12:09 to 13:12:31 UTC); it was judged by "
        "hosts_keep_state, move_completes and run_completes alone."
    )


def test_what_was_held_over_a_part_of_the_run_is_not_claimed_of_the_whole():
    verdict = judge_entries(moved(story()).ends().entries)
    assert verdict["headline"].startswith("The one host that runs something was not power-cycled")
    for check in verdict["checks"]:
        check["block"] = "1"
    assert sentence_of(World([], final=False), verdict).startswith("What was asked of 1 host was kept")


def test_a_failure_names_host_deed_actor_time_cause_and_cure():
    told = story(hosts=("node-1", "node-2"))
    told.begins_move()
    told.tell(facts.WriteIntended(write="w", system="target", what="remove the status annotation of node-1", host="node-1"))
    told.object(
        "target", "BareMetalHost", "node-1", host_body("node-1", annotations={"baremetalhost.metal3.io/status": "x"}), "added"
    )
    bare = host_body("node-1", provisioning={})
    told.object("target", "BareMetalHost", "node-1", bare, "modified")
    told.object("target", "BareMetalHost", "node-1", host_body("node-1", provisioning={"state": "provisioning"}), "modified")
    asks(told, "node-1")
    says = headline(told.move())
    assert says.startswith("node-1 was re-imaged and power-cycled by the Ironic of the target, from 13:12:1")
    assert "; cure: trust nothing on its disk before you have looked" in says


def test_many_hosts_that_came_to_the_same_are_one_sentence():
    names = [f"node-{number}" for number in range(9)]
    told = story(hosts=names)
    told.begins_move()
    for name in names[:7]:
        asks(told, name, client="somebody")
    asks(told, names[8], client="ironic-source")
    says = headline(told.move())
    assert says.startswith("node-0, node-1, node-2 and 4 more were power-cycled by a third party (somebody), from 13:12:2")
    assert "; 1 other host failed too; cure: find out who that was" in says


def test_what_the_run_itself_did_is_no_third_partys():
    told = story()
    told.begins_move()
    told.tell(facts.WriteIntended(write="w", system="BMC of node-1", what="Reset ForceOff", host="node-1"))
    asks(told, "node-1", client="harness", agent="metal3-pivot-harness/actor")
    says = headline(told.move())
    assert says.startswith("node-1 was power-cycled by this harness, from")
    assert "third party" not in says


def test_who_only_says_that_he_is_this_harness_is_a_third_party():
    told = story()
    told.begins_move()
    asks(told, "node-1", client="harness", agent="metal3-pivot-harness/actor")
    assert "by a third party (harness, metal3-pivot-harness/actor)" in headline(told.move())


def test_a_failure_that_touched_no_server_names_check_and_time():
    leads_on = "cure: `harness recover` of this run tells where everything is and leads on."
    assert headline(story().move(code=1)) == f"The run: the move from source to target ended with exit code 1; {leads_on}"
    told = story(hosts=("node-1", "node-2")).move()
    for name in ("node-1", "node-2"):
        told.host(name, cluster="target", change="added", operationHistory={"inspect": {"start": "x", "end": "y"}})
    assert headline(told) == f"The run: Cluster lab did not arrive in the target; 1 other check failed too; {leads_on}"


def test_there_and_back_is_one_occasion():
    told = moved(story())
    told.tell(facts.MoverStarted(mover=2, origin="target", destination="source"))
    told.object("source", "Cluster", "lab", {}, "added")
    told.object("target", "Cluster", "lab", {}, "deleted")
    told.tell(facts.MoverEnded(mover=2, code=0))
    told.tell(facts.BmcRequest(host="node-1", method="GET", path="/redfish/v1/Systems/1", status=200, client="ironic-source"))
    assert headline(told) == (
        "The one host that runs something was not power-cycled, re-inspected or re-imaged by the move from source to target and back "
        "(13:12:09 to 13:12:35 UTC)."
    )


def test_why_the_lab_broke_is_told_by_the_first_thing_that_is_said():
    told = story()
    told.tell(facts.RunEnded(how="lab-broke", says="etcd is gone; and all else"))
    assert judge_entries(told.entries)["headline"] == "The lab broke, so nothing is proven: etcd is gone."
    assert headline(Story().sees("kube")) == "Nothing is proven: no host was seen to run something before a move."


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("interrupted", "The run was interrupted before it could be judged."),
        ("lab-broke", "The lab broke, so nothing is proven."),
        ("bug", "The harness itself failed, so nothing is proven."),
        ("done", "No move took place, so nothing is proven of 1 host."),
    ],
)
def test_a_run_without_a_proof_says_why(how, says):
    assert headline(story(), how=how) == says


def test_an_unknown_names_what_was_not_seen_and_the_cure():
    told = story()
    told.entries = [entry for entry in told.entries if getattr(entry.fact, "sight", "") != "bmc_requests"]
    told.entries = [msgspec.structs.replace(entry, seq=seq) for seq, entry in enumerate(told.entries)]
    assert headline(moved(told)) == (
        "Not proven for node-1: there was no sight on the requests to the BMC of node-1 (bmc_untouched); "
        "cure: `harness doctor` names what cannot be read, and the rights that it takes."
    )


def test_a_refused_lab_is_one_sentence_and_not_one_unknown_for_each_check():
    told = story(expect=[*JUDGED, "one_owner"])
    told.tell(facts.RunEnded(how="refused", says="preflight_hosts: node-1: it is being deleted"))
    verdict = judge_entries(told.entries)
    assert verdict["headline"] == (
        "The run was refused, so nothing was moved (at 13:12:09 UTC): preflight_hosts: node-1: it is being deleted."
    )
    assert [check["check"] for check in verdict["checks"]] == ["run_completes"]
    assert {one["what"] for one in verdict["not_judged"]} > {"hosts_keep_state", "bmc_untouched", "one_owner"}
    assert verdict["hosts"]["node-1"]["verdict"] == verdict["verdict"] == "unknown"


def test_a_run_whose_begin_nobody_told_has_no_wall_clock():
    told = Story().sees("kube", "mover").sees("bmc_requests", host="node-1")
    told.host()
    told.begins_move()
    asks(told, "node-1", client="somebody")
    told.entries[0] = msgspec.structs.replace(
        told.entries[0],
        fact=msgspec.structs.replace(told.entries[0].fact, expectations=[facts.Expectation(check="bmc_untouched")]),
    )
    assert "from 7.0 s on" in headline(told.move())


def test_a_journal_without_an_end_is_told_to_be_cut_off_or_still_written():
    verdict = judge_entries(moved(story()).entries)
    assert verdict["verdict"] == "unknown"
    assert verdict["headline"].startswith("The journal has no end: the run was cut off, or it is still being written; cure: ")
    assert any("still being written" in one["why"] for one in verdict["not_judged"])
