"""fit_to_run: what a host's conditions, marks and Ironic node say at the end, beside what they said before the move."""

from typing import Any

import pytest

from harness.checks import fit_to_run
from harness.journal import facts
from tests.checks.history import Story, of_host


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
