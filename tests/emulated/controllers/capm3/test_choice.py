"""Which host a new Metal3Machine gets."""

import random

import pytest

from harness.emulated.controllers.capm3.choice import choose

MACHINE = {
    "metadata": {"name": "m", "namespace": "metal3"},
    "spec": {"hostSelector": {"matchLabels": {"role": "worker"}}},
}
CONSUMER = {"kind": "Metal3Machine", "name": "m", "namespace": "metal3"}


def host(name="h", *, labels=None, annotations=None, state="available", error="", deleting=False, **spec):
    meta = {"name": name, "namespace": "metal3", "labels": {"role": "worker"} if labels is None else labels}
    meta |= {"annotations": annotations} if annotations else {}
    meta |= {"deletionTimestamp": "2026-01-01T00:00:00Z"} if deleting else {}
    return {"metadata": meta, "spec": spec, "status": {"errorMessage": error, "provisioning": {"state": state}}}


def chosen(*hosts, machine=MACHINE, seed=1):
    found = choose(hosts, machine, random.Random(seed))
    return found and found["metadata"]["name"]


@pytest.mark.parametrize("state", ["available", "ready"])
def test_a_free_host_with_its_labels_is_chosen(state):
    assert chosen(host("spare", labels={"role": "spare"}), host("free", state=state)) == "free"


@pytest.mark.parametrize(
    "taken",
    [
        host(labels={}),
        host(labels={"role": "spare"}),
        host(annotations={"baremetalhost.metal3.io/paused": ""}),
        host(annotations={"capi.metal3.io/unhealthy": ""}),
        host(consumerRef={**CONSUMER, "name": "other"}),
        host(consumerRef={**CONSUMER, "namespace": "other"}),
        host(error="no power"),
        host(deleting=True),
        *(
            host(state=state)
            for state in ("", "registering", "inspecting", "preparing", "provisioning", "provisioned", "deprovisioning")
        ),
        {"metadata": {"name": "new", "namespace": "metal3", "labels": {"role": "worker"}}, "spec": {}},
    ],
)
def test_a_host_that_is_not_free_or_does_not_fit_is_not_chosen(taken):
    assert chosen(taken) is None


def test_the_host_that_names_the_machine_already_is_chosen_whatever_its_state():
    claimed = host("claimed", consumerRef=CONSUMER, state="provisioning")
    assert chosen(host("free"), claimed) == "claimed"


def test_of_several_free_hosts_any_may_be_chosen_and_the_same_dice_choose_the_same():
    hosts = [host(f"h{number}") for number in range(4)]
    picked = {seed: chosen(*hosts, seed=seed) for seed in range(40)}
    assert set(picked.values()) == {"h0", "h1", "h2", "h3"}
    assert picked == {seed: chosen(*hosts, seed=seed) for seed in range(40)}


def test_a_machine_without_a_selector_takes_any_host():
    assert chosen(host("h", labels={}), machine={**MACHINE, "spec": {}}) == "h"


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        ({"key": "rack", "operator": "In", "values": ["1", "2"]}, True),
        ({"key": "rack", "operator": "in", "values": ["1"]}, False),
        ({"key": "rack", "operator": "NotIn", "values": ["1"]}, True),
        ({"key": "other", "operator": "NotIn", "values": ["1"]}, True),
        ({"key": "rack", "operator": "Exists"}, True),
        ({"key": "other", "operator": "Exists"}, False),
        ({"key": "other", "operator": "DoesNotExist"}, True),
        ({"key": "rack", "operator": "!"}, False),
        ({"key": "rack", "operator": "Gt", "values": ["1"]}, True),
        ({"key": "rack", "operator": "Lt", "values": ["2"]}, False),
        ({"key": "other", "operator": "Gt", "values": ["1"]}, False),
        ({"key": "rack", "operator": "like", "values": ["2"]}, False),
    ],
)
def test_expressions_choose_too(expression, fits):
    machine = {**MACHINE, "spec": {"hostSelector": {"matchExpressions": [expression]}}}
    assert chosen(host(labels={"rack": "2"}), machine=machine) == ("h" if fits else None)
