"""objects_arrive: what belongs to one host is told as the host's, and what belongs to one that runs nothing may go with it."""

import pytest

from harness.journal import facts
from tests.checks.test_objects_arrive import Body, Pivot


@pytest.mark.parametrize(("by", "verdict"), [("anna", "pass"), ("capm3", "fail"), ("", "fail")])
def test_a_spare_that_its_user_deleted_after_it_arrived_is_a_note(by, verdict):
    pivot = Pivot()
    spare: Body = {"claimed": False, "provisioning": {"state": "available", "ID": "1"}}
    pivot.story.host("spare", **spare)
    pivot.begins().arrives().story.host("spare", cluster="target", change="added", **spare)
    marked = {"annotations": {"clusterctl.cluster.x-k8s.io/delete-for-move": ""}}
    pivot.story.host("spare", change="deleted", **spare, **marked)
    pivot.goes().story.host("spare", cluster="target", change="deleted", **spare)
    write = {"cluster": "target", "resource": "baremetalhosts", "name": "spare", "code": 200}
    pivot.story.tell(facts.ApiWrite(user="capm3", verb="patch", subresource="status", **write), at=pivot.story.time)
    if by:
        pivot.story.tell(facts.ApiWrite(user=by, verb="delete", **write), at=pivot.story.time)
    judgement = pivot.judged(None)
    assert (judgement.verdict, "spare" in judgement.says) == (verdict, True), judgement.says
    if by == "anna":
        assert "BareMetalHost spare, which ran nothing, was deleted in the target at" in judgement.says
        assert "by anna" in judgement.says


@pytest.mark.parametrize("kind", ["Machine", "Metal3Machine"])
def test_what_a_host_is_in_use_by_is_told_as_the_hosts(kind):
    pivot = Pivot()
    named = {"Metal3Machine": "m-node-1", "Machine": "machine-1"}
    body: Body = {
        "metadata": {"labels": {"cluster.x-k8s.io/cluster-name": "lab"}},
        "spec": {"infrastructureRef": {"name": "m-node-1"}},
    }
    pivot.story.object("source", kind, named[kind], body)
    pivot.carried[kind] = (named[kind], body)
    pivot.begins().arrives().goes()
    pivot.story.object("target", kind, named[kind], {"spec": body["spec"]}, "modified")
    judgement = pivot.judged("node-1")
    assert judgement.verdict == "fail"
    assert f"{kind} {named[kind]}: label cluster.x-k8s.io/cluster-name was removed in the target" in judgement.says
