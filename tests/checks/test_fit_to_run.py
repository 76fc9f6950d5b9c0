"""fit_to_run: what a host's conditions, marks and Ironic node say at the end, beside what they said before the move."""

from typing import Any

import pytest

from harness.checks import fit_to_run
from harness.journal import facts
from tests.checks.history import Story, host_body, of_host


def condition(kind: str, status: str) -> dict[str, str]:
    return {"type": kind, "status": status, "reason": "R"}


BEFORE = [condition("Healthy", "True"), condition("Progressing", "False")]


def verdict(*, conditions: Any = BEFORE, node: Any = None, **more: Any) -> str:
    story = Story().sees("kube", "ironic")
    story.tell(facts.IronicAnswers(ironic="source", up=False))
    story.tell(facts.IronicAnswers(ironic="target", up=True))
    story.host(conditions=BEFORE)
    story.move()
    story.host(cluster="target", change="added", conditions=conditions, **more)
    body = {"provision_state": "active", "power_state": "power on", **(node or {})}
    story.tell(facts.IronicNode(ironic="target", uuid="1", name="metal3~node-1", node=body))
    return of_host(fit_to_run.check(story.ends().world())).verdict


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (BEFORE, "pass"),
        ([], "pass"),
        ([*BEFORE, condition("Newer", "False")], "pass"),
        ([condition("Healthy", "False"), BEFORE[1]], "unknown"),
        ([BEFORE[0], condition("Progressing", "True")], "unknown"),
    ],
)
def test_its_conditions_must_be_as_good_as_before(conditions, expected):
    assert verdict(conditions=conditions) == expected


def test_the_mark_of_a_remediation_is_unknown():
    assert verdict(annotations={"capi.metal3.io/unhealthy": ""}) == "unknown"


@pytest.mark.parametrize("node", [{"power_state": "error"}, {"target_power_state": "rebooting"}])
def test_a_node_whose_power_is_in_doubt_at_the_end_is_unknown(node):
    assert verdict(node=node) == "unknown"


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ({"hardware": {"cpu": 1}}, {}, "unknown"),
        ({"hardware": {"cpu": 1}}, {"hardware": {"cpu": 1}}, "pass"),
        ({"errorCount": 2, "provisioningFailCount": 1, "errorMessage": "it was"}, {}, "pass"),
        ({}, {"hardware": {"cpu": 1}}, "pass"),
    ],
)
def test_what_its_status_told_it_tells_to_the_end(first, last, expected):
    story = Story().sees("kube", "ironic")
    story.tell(facts.IronicAnswers(ironic="source", up=False))
    story.tell(facts.IronicAnswers(ironic="target", up=True))
    story.host()
    story.move()
    story.host(cluster="target", change="added", **first)
    story.host(cluster="target", change="modified", **last)
    body = {"provision_state": "active", "power_state": "power on"}
    story.tell(facts.IronicNode(ironic="target", uuid="1", name="metal3~node-1", node=body))
    assert of_host(fit_to_run.check(story.ends().world())).verdict == expected


IRONIC = "its node in the Ironic of the target"
ENDS: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    ({"errorType": "power management error", "errorMessage": "why"}, {}, "fail", "it has the error power management error: why"),
    ({"errorType": "detach error", "operationalStatus": "error"}, {}, "fail", "it has the error detach error"),
    ({"operationalStatus": "error"}, {}, "fail", "its operational status is error, not OK"),
    ({"operationalStatus": "detached"}, {}, "fail", "its operational status is detached, not OK"),
    ({"operationalStatus": "delayed"}, {}, "unknown", "its operational status is delayed, not OK"),
    (
        {"operationalStatus": "delayed", "errorType": "x error"},
        {},
        "fail",
        "it has the error x error; its operational status is delayed, not OK",
    ),
    (
        {"triedCredentials": {"credentialsVersion": "7"}, "goodCredentials": {"credentialsVersion": "6"}},
        {},
        "unknown",
        "the credentials that were tried last (of version 7) were not accepted by its BMC (accepted: 6)",
    ),
    ({}, {"power_state": "power off"}, "fail", f"{IRONIC} is off"),
    ({}, {"power_state": "error"}, "unknown", f"{IRONIC} has the power state error"),
    ({}, {"target_power_state": "power off"}, "fail", f"{IRONIC} is about to be switched off"),
    ({}, {"target_power_state": "rebooting"}, "unknown", f"{IRONIC} is about to get rebooting"),
    ({}, {"fault": "power failure", "maintenance": True}, "fail", f"{IRONIC} has the fault power failure"),
    ({}, {"maintenance": True}, "unknown", f"{IRONIC} is in maintenance, so that nobody looks after its power"),
    ({}, {"target_provision_state": "available"}, "unknown", f"{IRONIC} is on its way to available"),
    ({}, {"last_error": "no route"}, "unknown", f"{IRONIC} tells of an error: no route"),
    ({}, {"power_state": "power off", "last_error": "x"}, "fail", f"{IRONIC} is off; {IRONIC} tells of an error: x"),
]


def at_the_end(before: dict[str, Any], status: dict[str, Any], node: dict[str, Any]) -> tuple[str, str]:
    story = Story().sees("kube", "ironic")
    story.tell(facts.IronicAnswers(ironic="source", up=False))
    story.tell(facts.IronicAnswers(ironic="target", up=True))
    wants = {"online": before.pop("online", True)}
    body = host_body("node-1", **before)
    story.object("source", "BareMetalHost", "node-1", body | {"spec": body["spec"] | wants})
    story.move()
    last = story.host(cluster="target", change="added", **status)
    body = {"provision_state": "active", "power_state": "power on", "uuid": "1", **node}
    told = story.tell(facts.IronicNode(ironic="target", uuid="1", name="metal3~node-1", node=body))
    judgement = of_host(fit_to_run.check(story.ends().world()))
    assert set(judgement.evidence) == {last.seq, told.seq}
    return judgement.verdict, judgement.says


@pytest.mark.parametrize(("status", "node", "expected", "says"), ENDS)
def test_each_trouble_at_the_end_is_told(status, node, expected, says):
    assert at_the_end({}, status, node) == (expected, f"at the end {says}")


def test_a_server_that_its_user_had_switched_off_may_be_off_and_one_that_he_detached_is_detached():
    off, detached = {"poweredOn": False}, {"annotations": {"baremetalhost.metal3.io/detached": ""}}

    assert at_the_end(dict(off), off, {"power_state": "power off"})[0] == "fail"
    assert at_the_end({"online": False}, off, {"power_state": "power off"})[0] == "fail"
    assert at_the_end(off | {"online": False}, off, {"power_state": "power off"})[0] == "pass"
    assert at_the_end(detached, detached | {"operationalStatus": "detached"}, {})[0] == "pass"
    assert at_the_end(detached, detached | {"operationalStatus": "OK"}, {})[0] == "pass"
    assert at_the_end(detached, detached | {"operationalStatus": "delayed"}, {}) == (
        "unknown",
        "at the end its operational status is delayed, not detached",
    )


@pytest.mark.parametrize(("release", "expected"), [("v1", "unknown"), ("v2", "pass")])
def test_a_condition_that_newer_controllers_do_not_tell_any_more_is_no_worse(release, expected):
    story = Story().sees("kube", "ironic")
    story.tell(facts.IronicAnswers(ironic="target", up=True))
    for side, version in (("source", "v1"), ("target", release)):
        story.object(side, "Provider", "infrastructure-metal3", {"version": version})
    story.host(conditions=[*BEFORE, condition("Known", "True")])
    story.move()
    story.host(cluster="target", change="added", conditions=[condition("Known", "True")])

    assert of_host(fit_to_run.check(story.ends().world())).verdict == expected
