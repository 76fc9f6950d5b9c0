"""The six forms, three-valued: broken by what was surely so, unsure by what may have been, kept by what was seen all the time."""

import msgspec
import pytest

from harness.journal import facts
from harness.judgement import Judgement
from harness.verdict.judge import judge_entries
from harness.verdict.promises.forms import Seen, rises
from harness.verdict.promises.judge import judge_promise
from harness.verdict.promises.situations import situations
from harness.verdict.promises.states import VariableState
from harness.world.world import World
from tests.checks.history import PAUSED, Story


def promise(form="always", *conditions, **more) -> facts.OwnPromise:
    return facts.OwnPromise(form=form, conditions=list(conditions), **more)


def story(**host) -> Story:
    """A host that is watched, with its Node, before a move."""
    told = Story()
    told.host(**host)
    node = {"spec": {"providerID": "metal3://metal3/node-1/m-node-1"}, "status": {"nodeInfo": {"bootID": "a"}}}
    told.object("workload", "Node", "node-1", node)
    told.sees("kube", "mover").sees("bmc_requests", host="node-1")
    for side in ("source", "target"):
        told.sees("ironic", cluster=side)
        told.tell(facts.IronicAnswers(ironic=side, up=True))
    return told


def moved(told: Story | None = None, **after) -> Story:
    """The host is moved, and its new owner shows it."""
    told = told or story()
    told.move()
    told.host(cluster="target", change="added", annotations={PAUSED: ""}, poweredOn=None, provisioning={})
    told.host(cluster="target", change="modified", **after)
    told.object("source", "BareMetalHost", "node-1", {}, "deleted")
    return told


def judged(told: Story, asked: facts.OwnPromise, *, final: bool = True) -> Judgement:
    entries = told.ends().entries if final else told.entries
    (found,) = judge_promise(World(entries, final=final), entries, asked)
    return found


def verdict(told: Story, asked: facts.OwnPromise) -> str:
    return judged(told, asked).verdict


ON = promise("always", "host.status.poweredOn")


def test_the_host_is_as_its_owner_has_it():
    assert verdict(moved(), ON) == "pass"
    found = judged(moved(poweredOn=False), ON)
    assert (found.verdict, "in the target, entry" in found.says) == ("fail", True)
    # A copy that is paused, or has no state yet, is nobody's account of the host; nor is the old one that its new owner left.
    late = moved()
    late.host(change="modified", poweredOn=False)
    assert verdict(late, ON) == "pass"


def test_who_brought_it_about_is_told_where_that_is_known():
    assert judged(moved(poweredOn=False), ON).says.endswith("), by whom was not seen")
    told = moved()
    entry = told.host(cluster="target", change="modified", poweredOn=False)
    manager = facts.FieldManager(manager="bmo", subresource="status", paths=["status.poweredOn"])
    told.entries[-1] = msgspec.structs.replace(entry, fact=msgspec.structs.replace(entry.fact, managers=[manager]))
    assert judged(told, ON).says.endswith("), written by field manager bmo (of status)")
    assert judged(moved(story(poweredOn=False)), ON).says.endswith(")")


def test_a_host_that_nobody_owns_any_more_is_unsure():
    lost = story().move()
    lost.object("source", "BareMetalHost", "node-1", {}, "deleted")
    found = judged(lost, ON)
    assert (found.verdict, "no other owner was seen to have it" in found.says) == ("unknown", True)


@pytest.mark.parametrize(
    ("asked", "kept", "broken"),
    [
        (promise("never", "host.status.poweredOn == false"), {}, {"poweredOn": False}),
        (promise("stable", "host.status.operationalStatus"), {}, {"operationalStatus": "error"}),
        (promise("never", "host.spec.online != before.spec.online || !host.status.poweredOn"), {}, {"poweredOn": False}),
        (promise("at_most", "host.status.poweredOn == false", count=0), {}, {"poweredOn": False}),
        (promise("exclusive", "host.status.poweredOn", "host.status.operationalStatus == 'error'"), {}, {"operationalStatus": "error"}),
        (
            promise("eventually", "host.status.provisioning.ID == '2'", within=40.0),
            {"provisioning": {"state": "provisioned", "ID": "2"}},
            {},
        ),
    ],
    ids=lambda it: it.form if isinstance(it, facts.OwnPromise) else "",
)  # fmt: skip
def test_each_form_is_kept_broken_and_unsure_of_a_host(asked, kept, broken):
    def later(told):
        told.tell(facts.IronicAnswers(ironic="target", up=True), at=told.time + 100)
        return told

    assert verdict(later(moved(**kept)), asked) == "pass"
    found = judged(later(moved(**broken)), asked)
    assert found.verdict == "fail"
    assert found.evidence
    assert all(f"{seq}" in found.says for seq in found.evidence[-1:])
    for before in (True, False):
        blind = story() if before else moved(**kept)
        blind.tell(facts.SightLost(sight="kube", cluster="target", kind="BareMetalHost"))
        blind.tell(facts.SightRegained(sight="kube", cluster="target", kind="BareMetalHost", complete=False))
        found = judged(later(moved(blind, **kept) if before else blind), asked)
        assert (found.verdict, "was lost from" in found.says) == ("unknown", True)


def test_online_it_says_the_same_of_what_was_seen():
    told = moved(poweredOn=False)
    assert judged(told, ON, final=False) == judged(told, ON)
    assert judged(moved(), ON, final=False).verdict == "pass"


def test_without_a_move_nothing_is_promised():
    assert judged(story(), ON).says == "no move took place"


def test_a_member_that_is_not_there_leaves_it_unsure():
    found = judged(moved(), promise("never", "host.status.errorMessage != ''"))
    assert (found.verdict, "`errorMessage` is not there; `has(…)` asks for it" in found.says) == ("unknown", True)
    assert verdict(moved(), promise("never", "has(host.status.errorMessage) && host.status.errorMessage != ''")) == "pass"


def test_a_member_that_comes_later_was_not_so_before():
    asked = promise("never", "host.status.errorMessage == 'bad'")
    assert verdict(moved(errorMessage="good"), asked) == "pass"
    assert verdict(moved(errorMessage="bad"), asked) == "fail"
    assert verdict(moved(errorMessage="good"), promise("always", "host.status.errorMessage == 'good'")) == "unknown"
    assert verdict(moved(errorMessage="good"), promise("never", "host.status.errorMesage == 'bad'")) == "unknown"


def test_a_value_that_is_neither_true_nor_false_leaves_it_unsure():
    found = judged(moved(), promise("always", "host.status['operationalStatus']"))
    assert (found.verdict, "and not true or false" in found.says) == ("unknown", True)
    assert verdict(moved(), promise("always", "host.status['operationalStatus'] + 1")) == "unknown"


def test_a_condition_in_a_journal_that_cannot_be_read_is_unsure_and_no_crash():
    found = judged(moved(), promise("always", "host.status."))
    assert (found.verdict, found.says.startswith("the condition cannot be judged: ")) == ("unknown", True)


def test_the_node_is_followed_and_missed():
    boot = promise("stable", "node.status.nodeInfo.bootID")
    assert verdict(moved(), boot) == "pass"
    booted = moved()
    booted.object("workload", "Node", "node-1", {"status": {"nodeInfo": {"bootID": "b"}}}, "modified")
    assert verdict(booted, boot) == "fail"
    gone = moved()
    gone.object("workload", "Node", "node-1", {}, "deleted")
    assert judged(gone, boot).says.startswith("its Node was deleted")
    told = Story()
    told.host()
    told.sees("kube", "mover")
    assert judged(moved(told), boot).says == "no Node of it was seen"


def told_by_ironic(*states: str) -> Story:
    told = moved()
    for number, state in enumerate(states):
        if state == "down":
            told.tell(facts.IronicAnswers(ironic="target", up=False))
            told.tell(facts.IronicAnswers(ironic="target", up=True))
        else:
            node = {"power_state": state, "uuid": "2", "name": "metal3~node-1", "n": number}
            told.tell(facts.IronicNode(ironic="target", uuid="2", name="metal3~node-1", node=node))
    return told


def test_the_node_in_ironic_is_followed_while_it_is_told():
    off = promise("never", "ironic.power_state == 'power off'")
    assert verdict(told_by_ironic("power on"), off) == "pass"
    assert verdict(told_by_ironic("power on", "power off"), off) == "fail"
    assert judged(moved(), off).says == "no node of it in an Ironic was seen"
    counted = promise("at_most", "ironic.power_state == 'power on'", count=1)
    assert verdict(told_by_ironic("power on", "power on"), counted) == "pass"
    assert verdict(told_by_ironic("power on", "down", "power on"), counted) == "fail"
    assert verdict(told_by_ironic("power on", "power off", "power on"), counted) == "fail"


def requests(*methods: str, since: float | None = None) -> Story:
    told = moved()
    for method in methods:
        told.tell(facts.BmcRequest(host="node-1", method=method, path="/x", status=200, client="a"), since=since)
        told.tell(facts.BmcRequest(host="node-2", method="PUT", path="/x", status=200))
    return told


def test_facts_are_asked_of_the_host_that_they_tell_of():
    never = promise("never", "fact.method == 'POST'")
    assert verdict(requests("GET"), never) == "pass"
    found = judged(requests("POST"), never)
    assert (found.verdict, "(asked by a, entry" in found.says) == ("fail", True)
    assert verdict(requests("GET"), promise("never", "fact.method == 'PUT'")) == "pass"
    assert verdict(requests("GET", "GET"), promise("at_most", "fact.method == 'GET'", count=3)) == "pass"
    assert verdict(requests("GET", "GET"), promise("at_most", "fact.method == 'GET'", count=2)) == "fail"
    blind = requests("GET")
    blind.tell(facts.SightLost(sight="bmc_requests", host="node-1"))
    assert verdict(blind, never) == "unknown"


def test_which_of_two_sources_came_first_is_unsure_within_their_intervals():
    asked = promise("never", "fact.method == 'POST' && host.status.poweredOn == false")
    sure = moved(poweredOn=False)
    sure.tell(facts.BmcRequest(host="node-1", method="POST", path="/x", status=200))
    assert verdict(sure, asked) == "fail"
    told = moved()
    told.host(cluster="target", change="modified", poweredOn=False)
    told.tell(facts.BmcRequest(host="node-1", method="POST", path="/x", status=200), since=told.time - 5)
    found = judged(told, asked)
    assert (found.verdict, "which came first was not seen" in found.says) == ("unknown", True)


def test_facts_of_the_run():
    once = promise("at_most", "fact.fact == 'MoverStarted'", count=1, over="run")
    assert verdict(moved(), once) == "pass"
    twice = moved()
    twice.tell(facts.MoverStarted(mover=2, origin="source", destination="target"))
    twice.tell(facts.MoverEnded(mover=2, code=1))
    assert verdict(twice, once) == "fail"
    both = promise("exclusive", "fact.client == 'a'", "fact.client == 'b'", over="run")
    assert verdict(requests("GET"), both) == "pass"
    shared = requests("GET")
    shared.tell(facts.BmcRequest(host="node-1", method="GET", path="/x", status=200, client="b"))
    assert verdict(shared, both) == "fail"
    doubtful = promise("exclusive", "fact.method == 'GET' && fact['nothing'] == 'a'", "fact.client == 'a'", over="run")
    assert verdict(requests("GET"), doubtful) == "unknown"
    steps = promise("never", "fact.fact == 'StepEnded' && fact.how == 'failed'", over="run")
    assert verdict(moved(), steps) == "pass"
    cut = moved().ends().entries[:-1]
    (found,) = judge_promise(World(cut, final=True), cut, steps)
    assert (found.verdict, "tells of no end of the run" in found.says) == ("unknown", True)


def machines(*phases: str | None, copied: bool = False) -> Story:
    told = moved()
    for number, phase in enumerate(phases):
        body = {"status": {"phase": phase}} if phase else {}
        told.object("target" if copied and number else "source", "Machine", "m", body, "modified" if number else "added")
    return told


def test_objects_of_a_kind():
    failed = promise("never", "object.status.phase == 'Failed'", over="kind", kind="Machine")
    assert judged(moved(), failed).says == "no Machine was seen"
    assert verdict(machines("Running"), failed) == "pass"
    found = judged(machines("Running", "Failed"), failed)
    assert (found.verdict, found.says.startswith("Machine m: "), found.host) == ("fail", True, None)
    assert verdict(machines(None, "Running"), failed) == "pass"
    assert verdict(machines(None, None), failed) == "unknown"
    counted = promise("at_most", "object.status.phase == 'Failed'", over="kind", kind="Machine", count=1)
    assert verdict(machines("Failed", "Failed", copied=True), counted) == "pass"
    twice = judged(machines("Failed", "Running", "Failed"), counted)
    assert (twice.verdict, "was true 2 times, more than 1: Machine m at " in twice.says) == ("fail", True)
    listed = machines("Failed")
    listed.object("source", "Machine", "m", {}, "deleted")
    listed.object("target", "Machine", "m", {"status": {"phase": "Failed"}}, "listed")
    assert verdict(listed, counted) == "pass", "its copy may have been there before"
    blind = machines("Running")
    blind.tell(facts.SightLost(sight="kube", cluster="source", kind="Machine"))
    assert verdict(blind, failed) == "unknown"
    twice = promise("exclusive", "fact.cluster == 'source'", "fact.cluster == 'target'", over="kind", kind="Machine")
    assert verdict(machines("Running", "Running", copied=True), twice) == "fail"
    assert verdict(machines("Running", "Running"), twice) == "pass"


def test_what_is_not_there_yet_is_unsure_and_what_came_too_late_is_broken():
    asked = promise("eventually", "host.status.poweredOn == false", within=1000.0)
    found = judged(moved(), asked)
    assert (found.verdict, "is not true yet; it was looked until" in found.says) == ("unknown", True)
    late = moved()
    late.tell(facts.IronicAnswers(ironic="target", up=True), at=late.time + 2000)
    late.host(cluster="target", change="modified", poweredOn=False)
    found = judged(late, asked)
    assert (found.verdict, "; it became true at" in found.says) == ("fail", True)
    between = moved()
    version = between.host(cluster="target", change="modified", poweredOn=False)
    between.entries[-1] = msgspec.structs.replace(version, at=version.at + 1500)
    between.time += 1500
    assert "and whether within" in judged(between, asked).says


def test_what_comes_late_because_the_lab_fell_behind_is_in_time():
    asked = promise("eventually", "host.status.poweredOn == false", within=60.0)
    for lost, word in ((0.0, "fail"), (100.0, "pass")):
        told = moved()
        told.tell(facts.LabLagged(lost_seconds=lost), since=told.time, at=told.time + 120)
        told.host(cluster="target", change="modified", poweredOn=False)
        assert verdict(told, asked) == word
    behind = moved()
    behind.tell(facts.LabLagged(lost_seconds=100.0), since=behind.time, at=behind.time + 120)
    found = judged(behind, asked)
    assert (found.verdict, "100.0 s longer, as the lab fell behind" in found.says) == ("unknown", True)


def test_a_host_is_not_judged_by_facts_that_tell_of_none():
    found = judged(requests("GET"), promise("never", "fact.at > 1e9 || fact.fact == 'StepEnded'"))
    assert (found.verdict, found.says.startswith("it asks facts that tell of no host")) == ("unknown", True)


def test_a_crash_in_judging_is_unknown(monkeypatch):
    expected = facts.Expectation(check="it is on", own=ON)
    monkeypatch.setattr("harness.verdict.judge.judge_promise", lambda *_: 1 / 0)
    said = judge_entries(moved().ends().entries, checks=[expected])["checks"]
    assert [(it["verdict"], "the check crashed: ZeroDivisionError" in it["says"]) for it in said] == [("unknown", True)]


def state(variable, since, at, *gone, seq=0, **more):
    entry = Story().tell(facts.RunEnded(how="done"))
    return VariableState(variable, {}, msgspec.structs.replace(entry, seq=seq), since, at, *gone, **more)


def test_states_meet_surely_only_if_all_their_intervals_say_so():
    host = [state("host", 0, 1, 4, 5, seq=1), state("host", 4, 5, seq=2)]
    for since, at, sure, maybe in ((1.5, 2, 1, 0), (3, 3.9, 1, 0), (4, 4.5, 0, 2), (6, 7, 1, 0)):
        fact = state("fact", since, at, since, at, seq=3, instant=True)
        found = situations([host, [fact]])
        assert (sum(it.certain for it in found), sum(not it.certain for it in found)) == (sure, maybe), (since, at)
    lasting, over = state("ironic", 0, 0, 100, 100, seq=5), state("ironic", 1, 1, 2, 2, seq=6)
    (found,) = situations([[state("fact", 50, 50, 50, 50, seq=3, instant=True)], [lasting, over]])
    assert found.evidence == (3, 5)
    node = [state("node", 2, 3, 4.5, 6, seq=4)]
    assert [it.certain for it in situations([host, node])] == [True, False]


def test_a_host_is_surely_its_owners_only_while_both_clusters_are_looked_at():
    asked = promise("never", "fact.method == 'POST' && host.status.poweredOn")
    told = story().move()
    told.tell(facts.BmcRequest(host="node-1", method="POST", path="/x", status=200))
    assert verdict(told, asked) == "fail"
    blind = story()
    blind.tell(facts.SightLost(sight="kube", cluster="target", kind="BareMetalHost"))
    blind.host(change="modified")
    blind.move()
    blind.tell(facts.BmcRequest(host="node-1", method="POST", path="/x", status=200))
    assert verdict(blind, asked) == "unknown"


def test_what_may_have_been_true_counts_only_where_doubts_do():
    def seen(value, since, until, trouble=""):
        (one,) = situations([[state("host", since, since, until, until)]])
        return Seen(one, value, trouble)

    row = [seen(value=True, since=0, until=1), seen(None, 1, 2, "no value"), seen(value=True, since=2, until=3)]
    assert (len(rises(row, doubts=False)), len(rises(row, doubts=True))) == (1, 3)
    row[1] = seen(value=False, since=1, until=2)
    assert len(rises(row, doubts=False)) == 2


def test_what_is_not_known_of_an_object_names_it():
    found = judged(machines(None), promise("stable", "object.status.phase", over="kind", kind="Machine"))
    assert (found.verdict, found.says.startswith("Machine m: ")) == ("unknown", True)


def test_what_was_never_true_is_told_by_what_was_seen_last():
    told = moved()
    told.host(cluster="target", change="modified", operationalStatus="OK")
    last = told.host(cluster="target", change="modified", operationalStatus="error")
    told.tell(facts.IronicAnswers(ironic="target", up=True), at=told.time + 100)
    found = judged(told, promise("eventually", "host.status.operationalStatus == 'gone'", within=40.0))
    assert (found.verdict, found.evidence) == ("fail", (last.seq,))
    assert found.says.endswith(f"; last seen at {last.at:.1f} s (in the target, entry {last.seq})")


def test_a_node_that_is_gone_and_a_request_that_is_over_are_no_longer_so():
    on = promise("never", "fact.method == 'POST' && ironic.power_state == 'power on'")
    post = facts.BmcRequest(host="node-1", method="POST", path="/x", status=200)
    before, after = told_by_ironic("power on"), told_by_ironic("power on")
    before.tell(post)
    after.tell(facts.IronicNodeGone(ironic="target", uuid="2", name="metal3~node-1"))
    after.tell(post)
    assert (verdict(before, on), verdict(after, on)) == ("fail", "pass")
    off = moved()
    off.tell(post)
    off.host(cluster="target", change="modified", poweredOn=False)
    assert verdict(off, promise("never", "fact.method == 'POST' && host.status.poweredOn == false")) == "pass"


def test_facts_of_an_ironic_are_of_the_host_whose_node_they_tell_of():
    off = promise("never", "fact.fact == 'IronicNode' && fact.node.power_state == 'power off'")
    told = told_by_ironic("power on")
    told.tell(facts.IronicNode(ironic="target", uuid="3", name="metal3~node-2", node={"power_state": "power off", "uuid": "3"}))
    assert verdict(told, off) == "pass"
    assert verdict(told_by_ironic("power off"), off) == "fail"
