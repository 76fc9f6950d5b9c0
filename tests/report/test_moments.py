"""A journal told in sentences."""

import pytest

from harness.journal.entry import Entry
from harness.journal.facts import (
    BmcRequest,
    FaultHealed,
    IronicAnswers,
    IronicNode,
    MoverEnded,
    ObjectSeen,
    ProbeSeen,
    SightLost,
    WriteDone,
    WriteIntended,
)
from harness.report.moments import Narrator, moments, when
from harness.report.sentences import describe


def told(*facts):
    return [moment.text for moment in moments(Entry(seq, float(seq), float(seq), fact) for seq, fact in enumerate(facts))]


def seen(kind, before, after, change="modified", name="node-1"):
    common = {"cluster": "target", "kind": kind, "name": name, "uid": "u", "resource_version": "1"}
    return (
        ObjectSeen(change="listed", object=before, **common),
        ObjectSeen(change=change, object=after, **common),
    )


def host(state=None, **annotations):
    return {"metadata": {"annotations": annotations}, "status": {"provisioning": {"state": state}}}


@pytest.mark.parametrize(
    ("since", "at", "text"), [(1.0, 1.05, "1.1 s"), (1.0, 1.2, "1.0..1.2 s"), (3.0, 3.0, "3.0 s"), (59.96, 60.0, "60.0 s")]
)
def test_an_instant_that_is_not_known_is_told_as_an_interval(since, at, text):
    assert when(since, at) == text


def test_the_small_run_is_told_in_order(entries):
    texts = [moment.text for moment in moments(entries)]
    assert texts.index("move from source to target starts") < texts.index("Creating objects in the target cluster")
    assert "Reset ForceOff, asked by ironic-target" in texts
    assert "BareMetalHost: its pause is gone" not in texts  # it went with the change of state, and is told there
    assert "BareMetalHost: its pause is gone; state none → inspecting" in texts
    assert "lost sight of kube target BareMetalHost: connection reset" in texts


def test_a_change_of_state_is_told_and_a_change_of_nothing_is_not():
    assert told(*seen("BareMetalHost", host("provisioned"), host("provisioned")))[1:] == []
    assert told(*seen("BareMetalHost", host("provisioned"), host("registering")))[1:] == [
        "BareMetalHost: state provisioned → registering"
    ]


def test_what_is_true_or_false_is_told_as_yes_or_no():
    on, off = ({"status": {"poweredOn": value}} for value in (True, False))
    assert told(*seen("BareMetalHost", off, on))[1:] == ["BareMetalHost: powered on no → yes"]


@pytest.mark.parametrize(
    ("change", "kind", "host", "text"),
    [
        ("deleted", "HardwareData", "", "HardwareData node-1 is gone"),
        ("modified", "BareMetalHost", "node-1", "BareMetalHost changes"),
    ],
)
def test_an_object_that_proves_something_is_told_in_words(change, kind, host, text):
    _, fact = seen(kind, {}, {}, change)
    moment = describe(Entry(0, 1.0, 1.0, fact))
    assert (moment.actor, moment.host, moment.text) == ("target", host, text)


def test_a_lost_sight_of_a_host_does_not_name_the_host_twice():
    lost = SightLost(sight="bmc", host="node-1", says="timeout")
    (moment,) = moments([Entry(0, 1.0, 1.0, lost)])
    assert (moment.host, moment.text) == ("node-1", "lost sight of bmc: timeout")


def test_a_patch_is_told_as_the_object_it_makes():
    first, _ = seen("BareMetalHost", host("provisioned"), {})
    patch = ObjectSeen(
        cluster="target",
        change="modified",
        kind="BareMetalHost",
        name="node-1",
        uid="u",
        resource_version="2",
        patch={"status": {"provisioning": {"state": "inspecting"}}},
    )
    assert told(first, patch)[1:] == ["BareMetalHost: state provisioned → inspecting"]


def test_a_new_boot_of_a_node_is_told_as_one():
    before, after = ({"status": {"nodeInfo": {"bootID": boot, "machineID": "m"}}} for boot in ("a", "b"))
    assert told(*seen("Node", before, after))[1:] == ["Node: bootID changed: the machine booted anew"]


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/redfish/v1/Systems/1", 200, None),
        ("POST", "/redfish/v1/SessionService/Sessions", 201, None),
        (
            "POST",
            "/redfish/v1/Managers/1/VirtualMedia/Cd/Actions/VirtualMedia.EjectMedia",
            204,
            "POST Actions/VirtualMedia.EjectMedia answered 204",
        ),
        ("POST", "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset", 204, "Reset of unknown type, asked by 10.0.0.9"),
        ("POST", "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset", 403, "POST Actions/ComputerSystem.Reset answered 403"),
    ],
)
def test_only_requests_that_ask_something_of_the_server_are_told(method, path, status, text):
    fact = BmcRequest(host="node-1", method=method, path=path, status=status, address="10.0.0.9")
    assert told(fact) == ([text] if text else [])


def test_an_ironic_that_never_answered_did_not_cease_to():
    assert told(IronicAnswers(ironic="target", up=False)) == ["does not answer"]
    assert told(IronicAnswers(ironic="target", up=True), IronicAnswers(ironic="target", up=False))[1] == "ceased to answer"


def test_what_changed_in_a_node_of_ironic_is_told():
    nodes = [{"provision_state": "manageable"}, {"provision_state": "inspecting", "last_error": "no"}]
    facts = [IronicNode(ironic="source", uuid="u", name="metal3~node-1", node=node) for node in nodes]
    assert told(*facts)[1] == "manageable → inspecting, error: no"


def test_other_facts_are_told_where_they_matter():
    assert told(MoverEnded(mover=1, code=-9, seconds=3.0)) == ["the move ended: killed by signal 9, after 3.0 s"]
    assert told(FaultHealed(fault="f", word="cut", effect=False)) == ["fault cut is out again, it had no effect"]
    assert told(ProbeSeen(vantage="target", what="bmc", address="a", ok=False, layer="tcp")) == ["bmc a cannot be reached (tcp)"]
    writes = WriteIntended(write="w", system="source", what="stop Ironic"), WriteDone(write="w", ok=False, says="403")
    assert told(*writes) == ["writes: stop Ironic", "refused: stop Ironic (403)"]


def test_blindness_has_a_tone_of_its_own():
    moment = Narrator().tell(Entry(0, 1.0, 2.0, SightLost(sight="bmc", host="node-1")))
    assert (moment.tone, moment.host) == ("blind", "node-1")
