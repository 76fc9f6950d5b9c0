"""nodes_untouched: what the workload's Node shows of its server, in every version and at the end."""

import copy
from typing import Any

import msgspec
import pytest

from harness.checks import nodes_untouched
from harness.journal import facts
from harness.journal.facts import Body
from harness.judgement import Judgement
from tests.checks.history import Story, of_host

NODE: Body = {
    "metadata": {"name": "node-1", "uid": "u1"},
    "spec": {"providerID": "metal3://metal3/node-1/m-node-1"},
    "status": {
        "nodeInfo": {
            "bootID": "b1",
            "machineID": "m1",
            "systemUUID": "s1",
            "kernelVersion": "6.1",
            "osImage": "os",
            "kubeletVersion": "v1",
        },
        "conditions": [{"type": "Ready", "status": "True"}],
    },
}


def node(**changes: Any) -> Body:
    """The Node with some values replaced, by their paths with `__` between the members; None takes one away."""
    body = copy.deepcopy(NODE)
    for path, value in changes.items():
        *way, name = path.split("__")
        place = body
        for member in way:
            place = place[member]
        place[name] = value
    return body


def told_of(name: str) -> Body:
    return node(metadata__annotations={"cluster.x-k8s.io/machine": name})


def tainted(effect: str, key: str = "node.kubernetes.io/out-of-service", ready: str = "True") -> Body:
    return node(spec__taints=[{"key": key, "effect": effect}], status__conditions=[{"type": "Ready", "status": ready}])


def addressed(*addresses: str) -> Body:
    return node(status__addresses=[{"type": "InternalIP", "address": it} for it in addresses])


def ready(status: str) -> Body:
    return node(status__conditions=[{"type": "Ready", "status": status}])


def judged(
    *versions: Body,
    seconds_after: float = 100.0,
    blind: bool = False,
    gone: bool = False,
    machine_seen: bool = True,
    first: Body = NODE,
) -> Judgement:
    story = Story().sees("mover", *([] if blind else ["kube"]))
    story.object("workload", "Node", "node-1", first)
    machine = {"spec": {"infrastructureRef": {"name": "m-node-1"}}, "status": {"nodeRef": {"name": "node-1"}}}
    if machine_seen:
        story.object("source", "Machine", "m-node-1", machine)
    else:
        story.tell_lost("kube", cluster="source", kind="Machine")
    story.host()
    story.move()
    for version in versions:
        story.object("workload", "Node", "node-1", version, "modified")
    if gone:
        story.object("workload", "Node", "node-1", NODE, "deleted")
    story.time += seconds_after
    return of_host(nodes_untouched.check(story.ends().world()))


KEPT = {
    "nothing": [],
    "a heartbeat": [NODE],
    "a newer kubelet": [node(status__nodeInfo__kubeletVersion="v2")],
    "not ready, healed": [ready("False"), NODE],
    "cordoned, and not any more": [node(spec__unschedulable=True), NODE],
    "its own Machine, told at last": [told_of("m-node-1"), told_of("m-node-1")],
    "driven empty while it was not ready": [tainted("NoExecute", ready="False"), NODE],
    "one more address": [addressed("192.0.2.2"), addressed("2001:db8::1", "192.0.2.2")],
    "no new work": [tainted("NoSchedule")],
}
BROKEN = {
    "another boot": ([node(status__nodeInfo__bootID="b2"), NODE], "bootID of its Node changed: the server booted"),
    "another machine": ([node(status__nodeInfo__machineID="m2")], "machineID"),
    "another server": ([node(status__nodeInfo__systemUUID="s2")], "systemUUID of its Node changed: it is another server"),
    "another provider": ([node(spec__providerID="metal3://metal3/other/x")], "providerID"),
    "made anew": ([node(metadata__uid="u2")], "uid of its Node changed: the Node was made anew"),
    "marked for deletion": ([node(metadata__deletionTimestamp="now"), NODE], "marked for deletion"),
    "another's Machine": ([told_of("m-node-1"), told_of("other"), NODE], "says that it is of machine other, not of m-node-1"),
    "dead": ([ready("Unknown")], "not ready at the end"),
}
UNSURE = {
    "another kernel, the same boot": ([node(status__nodeInfo__kernelVersion="6.2"), NODE], "kernelVersion of its Node changed"),
    "another image, the same boot": ([node(status__nodeInfo__osImage="other")], "osImage"),
    "no boot any more": ([node(status__nodeInfo__bootID="")], "does not tell its bootID"),
    "driven empty at the end": ([tainted("NoExecute")], "driven from its Node by its taint node.kubernetes.io/out-of-service"),
    "cordoned at the end": ([node(spec__unschedulable=True)], "cordoned at the end"),
}


@pytest.mark.parametrize("versions", KEPT.values(), ids=KEPT)
def test_kept(versions):
    assert judged(*versions).verdict == "pass"


@pytest.mark.parametrize(("versions", "says"), BROKEN.values(), ids=BROKEN)
def test_broken(versions, says):
    said = judged(*versions)

    assert (said.verdict, says in said.says) == ("fail", True), said.says


def test_a_node_that_was_deleted_is_broken_and_nobody_knows_by_whom():
    said = judged(gone=True)

    assert said.verdict == "fail"
    assert "by whom was not seen" in said.says


@pytest.mark.parametrize(("versions", "says"), UNSURE.values(), ids=UNSURE)
def test_unsure(versions, says):
    said = judged(*versions)

    assert (said.verdict, says in said.says) == ("unknown", True), said.says


def test_a_node_that_may_heal_yet_is_unsure():
    assert judged(ready("False"), seconds_after=5).verdict == "unknown"


def test_blind_a_change_is_told_and_an_end_is_not():
    assert judged(node(status__nodeInfo__bootID="b2"), blind=True).verdict == "fail"
    assert judged(ready("False"), blind=True).verdict == "unknown"


@pytest.mark.parametrize(("versions", "verdict"), [([told_of("any")], "unknown"), ([NODE], "pass")], ids=["told", "not told"])
def test_of_which_machine_a_node_is_cannot_be_judged_where_no_machine_was_seen(versions, verdict):
    said = judged(*versions, machine_seen=False)

    assert (said.verdict, "the API server of source Machine was lost" in said.says) == (verdict, verdict == "unknown"), said.says


def test_an_unclaimed_host_has_no_node():
    story = Story(unclaimed="protect").sees("mover", "kube")
    story.host(claimed=False)

    assert list(nodes_untouched.check(story.move().ends().world())) == []


@pytest.mark.parametrize(
    ("last", "says"),
    [
        (("192.0.2.2", "192.0.2.3"), "its Node kept uid, bootID and machineID"),
        (("192.0.2.9",), "its Node does not tell its address 192.0.2.2, 192.0.2.3 any more"),
    ],
)
def test_an_address_of_its_server_that_a_node_does_not_tell_any_more_is_told(last, says):
    said = judged(addressed("192.0.2.2"), addressed(*last), first=addressed("192.0.2.3", "192.0.2.2"))

    assert said.says == says


@pytest.mark.parametrize("part", ["spec__unschedulable", "spec__taints"])
def test_who_set_a_node_aside_is_told_of_the_version_that_did_it(part):
    aside = node(spec__unschedulable=True) if part.endswith("unschedulable") else tainted("NoExecute")
    story = Story().sees("mover", "kube")
    story.object("workload", "Node", "node-1", NODE)
    story.host()
    story.move()
    for who, version in (("one", aside), ("two", NODE), ("three", aside), ("four", aside | {"kind": "Node"})):
        by = facts.FieldManager(manager=who, operation="Update", paths=[part.replace("__", ".")])
        story.object("workload", "Node", "node-1", version, "modified", managers=[by])
    said = of_host(nodes_untouched.check(story.ends().world()))

    assert (said.verdict, "by field manager three" in said.says) == ("unknown", True), said.says


@pytest.mark.parametrize(("since", "verdict"), [(-5.0, "unknown"), (1.0, "pass")])
def test_a_node_that_went_perhaps_before_its_user_gave_it_up_is_unsure(since, verdict):
    story = Story().sees("mover", "kube")
    story.object("workload", "Node", "node-1", NODE)
    owned = {"ownerReferences": [{"kind": "MachineDeployment", "name": "md"}]}
    machine = {"metadata": owned, "spec": {"infrastructureRef": {"name": "m-node-1"}}, "status": {"nodeRef": {"name": "node-1"}}}
    story.object("source", "MachineDeployment", "md", {})
    story.object("source", "Machine", "m-node-1", machine)
    story.host()
    story.move()
    story.time += 10  # a mover's own deletions are over
    story.tell(facts.WriteIntended(write="w1", system="cluster source", what="delete MachineDeployment md"))
    story.tell(facts.WriteDone(write="w1", ok=True))
    marked = {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}
    going = story.object("source", "MachineDeployment", "md", marked, "modified")
    gone = story.object("workload", "Node", "node-1", NODE, "deleted")
    story.entries[gone.seq] = msgspec.structs.replace(gone, since=going.since + since)
    said = of_host(nodes_untouched.check(story.ends().world()))

    assert said.verdict == verdict, said.says
