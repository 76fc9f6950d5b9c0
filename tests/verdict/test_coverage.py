"""How much was seen of how much: on paper with its denominators."""

from harness.journal import facts
from harness.verdict.judge import judge_entries
from tests.checks.history import Story


def told(*, lost=()):
    story = Story().sees("kube").sees("bmc_requests", host="node-1").sees("ironic", cluster="target")
    story.object("source", "Cluster", "lab", {})
    story.host("node-1")
    story.host("node-9", claimed=False)
    story.entries[-1].fact.object["status"]["provisioning"].pop("image")
    story.begins_move()
    for complete in lost:
        began = story.time
        story.tell(facts.SightLost(sight="bmc_requests", host="node-1"))
        story.tell(facts.SightRegained(sight="bmc_requests", host="node-1", complete=complete), at=began + 4)
    story.object("target", "Cluster", "lab", {}, "added")
    story.host("node-1", cluster="target", change="added")
    return judge_entries(story.move().ends().entries)


def witness(verdict, sight, host=""):
    return next(one for one in verdict["coverage"]["witnesses"] if (one["sight"], one["host"]) == (sight, host))


def test_a_witness_that_saw_everything_saw_all_of_the_seconds_of_the_horizon():
    verdict = told()
    held = verdict["horizon"]
    found = witness(verdict, "bmc_requests", "node-1")
    assert found["seen"] == found["needed"] == round(held["until"] - held["from"], 3) > 20
    assert found["first"] == 3.0
    assert found["last"] > held["until"]


def test_seconds_that_nobody_told_are_missing_and_those_told_afterwards_are_not():
    for complete, missing in ((False, 3.0), (True, 0.0)):
        found = witness(told(lost=[complete]), "bmc_requests", "node-1")
        assert round(found["needed"] - found["seen"], 3) == missing


def test_two_gaps_that_overlap_count_once():
    story = Story().sees("kube").sees("kube", cluster="source", kind="BareMetalHost")
    story.host("node-1")
    story.begins_move()
    for since in (6.0, 7.0):
        where = {"sight": "kube", "cluster": "source", "kind": "BareMetalHost"}
        story.tell(facts.SightRegained(**where, complete=False), since=since, at=since + 2)
    verdict = judge_entries(story.move().ends().entries)
    found = next(one for one in verdict["coverage"]["witnesses"] if one["kind"] == "BareMetalHost")
    assert round(found["needed"] - found["seen"], 3) == 3.0


def test_a_promised_host_whose_bmc_nobody_watched_stands_there_with_nothing_seen():
    assert witness(told(), "bmc", "node-1") == {
        "sight": "bmc", "cluster": "", "kind": "", "host": "node-1", "needed": 23.0, "seen": 0.0, "first": None, "last": None,
    }  # fmt: skip


def test_kinds_and_objects_have_denominators():
    verdict = told()
    assert verdict["coverage"]["kinds"] == {"carried": 4, "watched": 4, "not_watched": []}
    # The host that ran nothing did not arrive.
    assert verdict["coverage"]["objects"] == {"carried": 3, "arrived": 2}


def test_what_was_not_judged_is_listed_with_why():
    verdict = told()
    found = {one["what"]: one["why"] for one in verdict["not_judged"]}
    assert found["node-9"].startswith("it ran nothing")
    assert found["bmc_untouched"] == "the run's expectations leave it out"
    assert any(what.startswith("what happened after") for what in found)


def test_a_run_without_a_move_needed_nothing_and_says_so():
    story = Story().sees("kube")
    story.host("node-1")
    verdict = judge_entries(story.ends().entries)
    assert verdict["coverage"]["objects"] == {"carried": 0, "arrived": 0}
    assert {one["needed"] for one in verdict["coverage"]["witnesses"]} == {0.0}
    assert verdict["not_judged"][-1] == {"what": "every host", "why": "no move took place, and nothing was promised without one"}


def test_a_host_that_stays_in_another_namespace_is_not_judged_for_that():
    story = Story().sees("kube")
    story.object("source", "Cluster", "lab", {})
    story.host("node-1")
    for name, namespace in (("aside", "elsewhere"), ("idle", "metal3")):
        story.host(name, namespace=namespace, claimed=False)
        story.entries[-1].fact.object["status"]["provisioning"].pop("image")
    story.begins_move()
    story.object("target", "Cluster", "lab", {}, "added")
    story.host("node-1", cluster="target", change="added")
    verdict = judge_entries(story.move().ends().entries)
    found = {one["what"]: one["why"] for one in verdict["not_judged"]}

    assert found["aside"] == "it is in a namespace that no move touched"
    assert found["idle"].startswith("it ran nothing when the promise was made")
