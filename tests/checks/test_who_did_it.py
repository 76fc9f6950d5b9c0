"""Who did it is told by the field manager of what was done, and by nobody who wrote another part of the same version."""

from typing import Any, NamedTuple

import pytest

from harness.journal.facts import FieldManager
from tests.checks.test_three_stories import judged
from tests.checks.whole_pivot import NODE, OPERATOR, OPERATOR_NAME, WholePivot, host

Body = dict[str, Any]


class Deed(NamedTuple):
    """What a check finds: a version of an object after the pivot, and the path of what was done to it."""

    check: str
    side: str
    kind: str
    name: str
    body: Body
    path: str


def spec(body: Body, **members: Any) -> Body:
    return body | {"spec": body["spec"] | members}


HOST, TARGET = ("target", "BareMetalHost", "node-1"), host("target")
TAINT = {"key": "node.kubernetes.io/out-of-service", "effect": "NoExecute"}
DEEDS = [
    Deed("nodes_untouched", "workload", "Node", "node-1", spec(NODE, taints=[TAINT]), "spec.taints"),
    Deed("nodes_untouched", "workload", "Node", "node-1", spec(NODE, unschedulable=True), "spec.unschedulable"),
    Deed(
        "nothing_ordered", *HOST, host("target", annotations={"reboot.metal3.io": ""}), "metadata.annotations[reboot.metal3.io]"
    ),
    Deed("hosts_keep_power", *HOST, spec(TARGET, online=False), "spec.online"),
    Deed("managers_run", "target", "Deployment", OPERATOR_NAME, spec(OPERATOR, replicas=0), ""),
    Deed("consumer_unchanged", *HOST, spec(TARGET, consumerRef=None), ""),
    Deed("one_host_a_server", "target", "BareMetalHost", "node-2", TARGET | {"metadata": {"name": "node-2"}}, ""),
]


@pytest.mark.parametrize("deed", DEEDS, ids=lambda it: f"{it.check} {it.path or it.kind}")
def test_who_did_it_is_told(deed):
    pivot = WholePivot()
    managers = [FieldManager(manager="anna", operation="Update", paths=[deed.path] if deed.path else ["spec", "metadata"])]
    if deed.path:
        managers.append(FieldManager(manager="bert", operation="Update", paths=["metadata.labels", "spec.other"]))
    pivot.story.object(deed.side, deed.kind, deed.name, deed.body, "modified", managers=managers)
    said = [it.says for it in judged(deed.check, pivot.whole()) if it.verdict != "pass"]

    assert [it for it in said if "by field manager anna (Update)" in it], said
    assert not [it for it in said if "bert" in it]
