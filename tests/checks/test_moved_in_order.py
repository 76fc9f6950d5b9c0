"""moved_in_order and status_carried: kept, broken at each place, and not seen."""

import json
from typing import Any

import pytest

from harness.checks import moved_in_order, status_carried
from harness.journal import facts
from harness.metal3 import PAUSED, STATUS
from tests.checks.history import Story, host_body, of_host

STATE = {"provisioning": {"state": "provisioned", "ID": "1"}, "operationalStatus": "OK", "hardware": {"cpu": 1}}


def marked(status: Any = STATE) -> dict[str, str]:
    return {PAUSED: "metal3.io/capm3", STATUS: json.dumps({name: it for name, it in status.items() if name != "hardware"})}


def cluster(story: Story, side: str, *, paused: bool, change: str = "modified") -> None:
    story.object(side, "Cluster", "lab", {"spec": {"paused": True} if paused else {}}, change)


def host(story: Story, side: str, annotations: dict[str, str], change: str, status: Any = STATE) -> None:
    body = host_body("node-1", annotations=annotations) | {"status": status}
    story.object(side, "BareMetalHost", "node-1", body, change)


def move(*, leave_out: str = "", carried: dict[str, str] | None = None, early: str = "", ends: bool = True) -> Story:
    """A move of one Cluster and one host in its order; one part may be left out, or done early."""
    story = Story().sees("kube", "mover")
    cluster(story, "source", paused=False, change="listed")
    host(story, "source", {}, "listed")
    story.tell(facts.MoverStarted(mover=1, origin="source", destination="target"))
    copies = marked() if carried is None else carried
    if early == "copy":
        host(story, "target", copies, "added", {})
    if leave_out != "pause":
        cluster(story, "source", paused=True)
    if leave_out != "marks":
        host(story, "source", marked(), "modified")
    cluster(story, "target", paused=True, change="added")
    if early == "deletion":
        host(story, "source", {}, "deleted")
    if early != "copy":
        host(story, "target", copies, "added", {})
    if early == "reconcile":
        host(story, "target", {}, "modified")
    if early == "un-pause":
        cluster(story, "source", paused=False)
    if early != "deletion":
        host(story, "source", {}, "deleted")
    cluster(story, "source", paused=True, change="deleted")
    cluster(story, "target", paused=False)
    host(story, "target", {}, "modified")
    story.tell(facts.MoverEnded(mover=1, code=0))
    return story.ends() if ends else story


def judged(story: Story, check: Any, host: str | None = "node-1") -> Any:
    return of_host(check.check(story.world()), host)


def test_a_move_in_its_order_passes():
    story = move()
    assert judged(story, moved_in_order, None).verdict == "pass"
    assert judged(story, moved_in_order).verdict == "pass"
    assert judged(story, status_carried).verdict == "pass"


@pytest.mark.parametrize(
    ("changed", "who", "says"),
    [
        ({"leave_out": "pause"}, None, "was not paused in the source when the first object was created"),
        ({"early": "un-pause"}, None, "was un-paused in the source in the middle of the move"),
        ({"early": "deletion"}, None, "was deleted from the source before it stood in the target"),
        ({"leave_out": "marks"}, "node-1", "before it was paused with its status"),
        ({"early": "copy"}, "node-1", "before it was paused with its status"),
        ({"early": "reconcile"}, "node-1", "was acted on in the target"),
    ],
)
def test_each_break_of_the_order_fails_where_it_was_broken(changed, who, says):
    judgement = judged(move(**changed), moved_in_order, who)
    assert judgement.verdict == "fail"
    assert says in judgement.says


@pytest.mark.parametrize(
    ("carried", "says"),
    [
        ({PAUSED: "x"}, "without its status annotation"),
        ({PAUSED: "x", STATUS: ""}, "cannot be read"),
        ({PAUSED: "x", STATUS: "{}"}, "cannot be read"),
        ({PAUSED: "x", STATUS: json.dumps(STATE)[:40]}, "cannot be read"),
        (
            {PAUSED: "x", STATUS: json.dumps({"provisioning": {"state": "available"}})},
            "differs from the status that it left with",
        ),
        ({PAUSED: "x", STATUS: json.dumps({"provisioning": STATE["provisioning"]})}, "in operationalStatus"),
    ],
)
def test_a_status_that_is_not_carried_as_it_left_fails(carried, says):
    judgement = judged(move(carried=carried), status_carried)
    assert judgement.verdict == "fail"
    assert says in judgement.says


def test_a_status_annotation_that_is_lost_or_edited_before_it_was_restored_fails():
    for later, what in (({PAUSED: "x"}, "lost"), ({PAUSED: "x", STATUS: '{"provisioning": {"state": "ready"}}'}, "edited")):
        story = move(ends=False)
        copy = next(
            it
            for it in story.entries
            if isinstance(it.fact, facts.ObjectSeen) and it.fact.cluster == "target" and it.fact.kind == "BareMetalHost"
        )
        rest = story.entries[copy.seq + 1 :]
        del story.entries[copy.seq + 1 :]
        host(story, "target", later, "modified", {})
        for entry in rest:
            story.tell(entry.fact)
        judgement = judged(story.ends(), status_carried)
        assert judgement.verdict == "fail"
        assert what in judgement.says


def test_under_a_gap_nothing_is_said_of_the_order():
    story = move(leave_out="marks", ends=False)
    story.tell(facts.SightLost(sight="kube", cluster="source", kind="BareMetalHost"))
    story.tell(facts.SightRegained(sight="kube", cluster="source", kind="BareMetalHost", complete=False))
    story.ends()
    for check in (moved_in_order, status_carried):
        assert judged(story, check).verdict == "unknown"


def test_a_host_that_was_never_copied_is_unknown_here():
    story = Story().sees("kube", "mover")
    story.host()
    story.move().ends()
    for check in (moved_in_order, status_carried):
        assert judged(story, check).verdict == "unknown"


def unpaused_never() -> Story:
    """A move in its order, but that no Cluster of the destination is ever un-paused; its copy is acted on."""
    story = Story().sees("kube", "mover")
    cluster(story, "source", paused=False, change="listed")
    host(story, "source", {}, "listed")
    story.begins_move()
    cluster(story, "source", paused=True)
    host(story, "source", marked(), "modified")
    cluster(story, "target", paused=True, change="added")
    host(story, "target", marked(), "added", {})
    host(story, "target", {}, "modified")
    return story


def test_what_is_acted_on_before_any_cluster_is_unpaused_is_judged_once_one_is():
    assert judged(unpaused_never().move().ends(), moved_in_order).verdict == "pass"
    story = unpaused_never().move()
    cluster(story, "target", paused=False)

    assert judged(story.ends(), moved_in_order).verdict == "fail"


def test_the_order_of_a_move_that_never_ended_is_nobodys_but_each_hosts():
    story = unpaused_never()
    story.object("target", "Cluster", "early", {"spec": {}}, "added")
    world = story.ends().world()

    assert of_host(moved_in_order.check(world), None).verdict == "pass"
    assert of_host(moved_in_order.check(world)).verdict == "fail"


@pytest.mark.parametrize(("second", "verdict"), [(STATE, "pass"), ({"provisioning": {"state": "ready"}}, "fail")])
def test_of_a_mover_that_tries_again_the_copy_of_its_last_attempt_counts(second, verdict):
    story = Story().sees("kube", "mover")
    cluster(story, "source", paused=False, change="listed")
    host(story, "source", {}, "listed")
    story.begins_move()
    host(story, "source", marked(), "modified")
    host(story, "target", {PAUSED: "x", STATUS: '{"provisioning": {"state": "of the first attempt"}}'}, "added", {})
    story.tell(facts.MoverEnded(mover=1, code=-9))
    story.tell(facts.MoverStarted(mover=2, origin="source", destination="target"))
    host(story, "target", marked(second), "modified", {})
    story.tell(facts.MoverEnded(mover=2, code=0))

    assert judged(story.ends(), status_carried).verdict == verdict


LATER: dict[str, tuple[dict[str, str], Any, str]] = {
    "consumed": ({PAUSED: "x"}, STATE, "pass"),
    "told again": (marked(), {}, "pass"),
    "edited when it was restored": ({PAUSED: "x", STATUS: '{"a": 1}'}, STATE, "fail"),
    "lost": ({PAUSED: "x"}, {}, "fail"),
}


@pytest.mark.parametrize(("annotations", "status", "verdict"), LATER.values(), ids=LATER)
def test_a_status_annotation_may_go_once_the_status_is_there(annotations, status, verdict):
    story = unpaused_never()
    del story.entries[-1]
    for later, shown in ((annotations, status), ({}, STATE)):
        host(story, "target", later, "modified", shown)

    assert judged(story.move().ends(), status_carried).verdict == verdict
