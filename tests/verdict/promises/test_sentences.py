"""What is said of a promise of one's own, word by word: what was kept, what broke it, and what is not known."""

import pytest

from harness.journal import facts
from tests.verdict.promises.test_forms import judged, machines, moved, promise

OFF = "host.status.poweredOn == false"
STATUS = "host.status.operationalStatus"
FAILED = "object.status.phase == 'Failed'"
POST = facts.BmcRequest(host="node-1", method="POST", path="/x", status=200)


def later(told, seconds=100):
    """The story, which goes on for so long."""
    told.tell(facts.IronicAnswers(ironic="target", up=True), at=told.time + seconds)
    return told


def shown(*versions):
    """The moved host, and more versions of it in the target."""
    told = moved()
    for version in versions:
        told.host(cluster="target", change="modified", **version)
    return told


def two_machines():
    told = machines("Running")
    told.object("target", "Machine", "n", {"status": {"phase": "Running"}}, "added")
    return told


def off_and_asked():
    told = later(shown({"poweredOn": False}), 0)
    told.tell(POST, since=told.time - 5)
    return later(told)


def lost():
    told = moved()
    told.tell(facts.SightLost(sight="kube", cluster="target", kind="BareMetalHost", says="cut"))
    return later(told)


SENTENCES = [
    (moved(), promise("never", OFF), "pass", f"`{OFF}` was never true, from 11.0 s to 35.0 s (2 states)", ()),
    (
        moved(poweredOn=False),
        promise("never", OFF),
        "fail",
        f"`{OFF}` was true at 33.0 s (in the target, entry 14), by whom was not seen",
        (14,),
    ),
    (
        moved(poweredOn=False),
        promise("always", "host.status.poweredOn"),
        "fail",
        "`host.status.poweredOn` was false at 33.0 s (in the target, entry 14), by whom was not seen",
        (14,),
    ),
    (
        shown({"poweredOn": False}, {"poweredOn": True}, {"poweredOn": False}),
        promise("never", OFF),
        "fail",
        f"`{OFF}` was true at 35.0 s (in the target, entry 16), by whom was not seen; and 1 more of this kind",
        (16, 18),
    ),
    (moved(), promise("stable", STATUS), "pass", f"`{STATUS}` stayed as it was, from 11.0 s to 35.0 s (2 states)", ()),
    (
        moved(operationalStatus="ü"),
        promise("stable", STATUS),
        "fail",
        f'`{STATUS}` became "ü" at 33.0 s (in the target, entry 14) from "OK" at 2.0 s (in the source, entry 1), by whom was not seen',
        (1, 14),
    ),
    (
        later(moved()),
        promise("eventually", "host.status.poweredOn", within=40.0),
        "pass",
        "`host.status.poweredOn` became true at 2.0 s (in the source, entry 1), promised within 40s",
        (1,),
    ),
    (
        later(moved()),
        promise("eventually", OFF, within=40.0),
        "fail",
        f"`{OFF}` was not true within 40s (11.0 s to 51.0 s); last seen at 33.0 s (in the target, entry 14)",
        (14,),
    ),
    (
        off_and_asked(),
        promise("eventually", f"fact.method == 'POST' && {OFF}", within=60.0),
        "unknown",
        f"`fact.method == 'POST' && {OFF}` may have been true at 36.0 s (in the target, entries 16, 18): which came first was not seen",
        (16, 18),
    ),
    (
        lost(),
        promise("eventually", OFF, within=40.0),
        "unknown",
        "sight on the API server of target BareMetalHost was lost from 35.0 s to the end (cut)",
        (16,),
    ),
    (
        two_machines(),
        promise("eventually", "object.status.phase == 'Running'", over="kind", kind="Machine", within=90.0),
        "pass",
        "`object.status.phase == 'Running'` became true in time, from 11.0 s to 37.0 s (2 states of 2 objects)",
        (),
    ),
    (
        two_machines(),
        promise("never", FAILED, over="kind", kind="Machine"),
        "pass",
        f"`{FAILED}` was never true, from 11.0 s to 37.0 s (2 states of 2 objects)",
        (),
    ),
    (
        machines("Running"),
        promise("never", FAILED, over="kind", kind="Machine"),
        "pass",
        f"`{FAILED}` was never true, from 11.0 s to 36.0 s (1 state of 1 object)",
        (),
    ),
    (
        machines("Failed", "R", "Failed", "R", "Failed"),
        promise("at_most", FAILED, over="kind", kind="Machine", count=1),
        "fail",
        (
            f"`{FAILED}` was true 3 times, more than 1: Machine m at 35.0 s (in the source, entry 16), Machine m at 37.0 s (in the source, "
            "entry 18), Machine m at 39.0 s (in the source, entry 20), by whom was not seen"
        ),
        (16, 18, 20),
    ),
    (
        moved(),
        promise("at_most", "host.status.errorMessage == 'x'", count=0),
        "unknown",
        (
            "`host.status.errorMessage == 'x'` may have been true 2 times, more than 0: at 2.0 s (in the source, entry 1), at 33.0 s (in "
            "the target, entry 14): `errorMessage` is not there; `has(…)` asks for it"
        ),
        (1, 14),
    ),
    (
        moved(),
        promise("at_most", "fact.fact == 'MoverStarted'", count=1, over="run"),
        "pass",
        "`fact.fact == 'MoverStarted'` was true no more than 1 time, from 11.0 s to 35.0 s (1 fact)",
        (),
    ),
    (
        moved(),
        promise("at_most", "fact.fact == 'StepEnded'", count=0, over="run"),
        "pass",
        "`fact.fact == 'StepEnded'` was true no more than 0 times, from 11.0 s to 35.0 s (no facts)",
        (),
    ),
    (
        moved(),
        promise("exclusive", "host.status.poweredOn", f"{STATUS} == 'error'"),
        "pass",
        f"`host.status.poweredOn` and `{STATUS} == 'error'` were never true at once, from 11.0 s to 35.0 s (2 states)",
        (),
    ),
    (
        moved(operationalStatus="error"),
        promise("exclusive", "host.status.poweredOn", f"{STATUS} == 'error'"),
        "fail",
        (
            f"`host.status.poweredOn` and `{STATUS} == 'error'` were both true: at 33.0 s (in the target, entry 14) and at 33.0 s (in the "
            "target, entry 14), by whom was not seen"
        ),
        (14,),
    ),
]


@pytest.mark.parametrize(("told", "asked", "verdict", "says", "evidence"), SENTENCES)
def test_what_became_of_a_promise_is_said_with_its_entries(told, asked, verdict, says, evidence):
    found = judged(told, asked)

    assert (found.verdict, found.says, found.evidence) == (verdict, says, evidence)
