"""What is said of entries that only prove something: words, and no names of ours."""

import re

import msgspec
import pytest

from harness.journal import facts
from harness.journal.entry import Entry
from harness.report.moments import moments
from harness.report.sentences import describe

BLOCKED = (
    "Move blocked by clusterctl.cluster.x-k8s.io/block-move annotation, waiting for it to be removed "
    'apiVersion={"Group":"metal3.io","Version":"v1alpha1","Kind":"BareMetalHost"} resource={"name":"node-2","namespace":"metal3"}'
)
RAW = re.compile(r"ObjectSeen|Sight[A-Z]|Bmc[A-Z]|resource_version|api_version|\bkind \w+,|None")


def example(kind):
    required = {field.name: field.type for field in msgspec.structs.fields(kind) if field.required}
    plain = {str: "text", int: 1, float: 1.0, bool: True, dict: {}, list: []}
    values = {name: plain.get(getattr(type_, "__origin__", type_)) for name, type_ in required.items()}
    schema = {"cluster": "source", "change": "listed", "how": "done", "mode": "run", "ironic": "source", "vantage": "source"}
    schema |= {"origin": "source", "destination": "target", "what": "bmc", "layer": "http", "sight": "kube", "node": {}}
    raw = {name: schema.get(name, value) for name, value in values.items()} | {"fact": kind.__name__}
    return msgspec.convert(raw, facts.AnyFact)


@pytest.mark.parametrize("kind", facts.AnyFact.__args__, ids=lambda kind: kind.__name__)
def test_every_fact_is_told_in_words(kind):
    moment = describe(Entry(0, 1.0, 1.0, example(kind)))
    assert moment.text
    assert not RAW.search(moment.text)


@pytest.mark.parametrize(
    ("line", "host", "text"),
    [
        (
            BLOCKED,
            "node-2",
            "the move waits until clusterctl.cluster.x-k8s.io/block-move is gone from BareMetalHost node-2",
        ),
        (
            'Retrying with backoff cause="resource is not ready to move: metal3.io/v1alpha1, Kind=BareMetalHost/metal3/node-2"',
            "node-2",
            None,
        ),
        ('Error: action failed after 10 attempts: the server said "no"', "", None),
    ],
)
def test_what_the_mover_says_of_one_host_is_in_its_story_alone(line, host, text):
    (moment,) = moments([Entry(0, 1.0, 1.0, facts.MoverSaid(mover=1, line=line))])
    assert (moment.host, moment.text) == (host, text or line)


def host_seen(name, **body):
    return facts.ObjectSeen(
        cluster="source", change="listed", kind="BareMetalHost", name=name, uid="u", resource_version="1", object=body
    )


def reset(name):
    path = "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset"
    return facts.BmcRequest(host=name, method="POST", path=path, status=204, body='{"ResetType": "ForceOff"}')


@pytest.mark.parametrize(
    ("body", "unclaimed", "tone"),
    [
        ({"status": {"provisioning": {"state": "available"}}}, "report", "free"),
        ({"status": {"provisioning": {"state": "available"}}}, "protect", "reset"),
        ({"spec": {"consumerRef": {"name": "m"}}}, "report", "reset"),
        ({"status": {"provisioning": {"state": "provisioned"}}}, "report", "reset"),
        ({"status": {"provisioning": {"image": {"url": "http://i"}}}}, "report", "reset"),
    ],
)
def test_a_reset_of_a_host_to_whom_nothing_is_promised_is_not_loud(body, unclaimed, tone):
    began = facts.RunBegan(scenario="s", lab="l", started="", mode="run", expectations=[], unclaimed=unclaimed)
    told = [began, host_seen("node-3", **body), reset("node-3"), host_seen("node-3"), reset("node-3")]
    found = moments(Entry(seq, float(seq), float(seq), fact) for seq, fact in enumerate(told))
    assert [moment.tone for moment in found if "Reset" in moment.text] == [tone, tone]


def test_a_reset_of_a_host_that_nobody_described_is_loud():
    (found,) = moments([Entry(0, 1.0, 1.0, reset("node-9"))])
    assert found.tone == "reset"
