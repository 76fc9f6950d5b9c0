"""What our Cluster API makes is what the real one made of the same objects (recording a)."""

import json
import lzma
import random
from pathlib import Path

import pytest

from harness.emulated.controllers.capi import scaling

RECORDING = Path(__file__).parents[3] / "recordings" / "a-provision" / "watch.jsonl.xz"
OF_THE_SERVER = {"managedFields", "uid", "resourceVersion", "creationTimestamp", "generation"}
HASH = "machine-template-hash"


@pytest.fixture(scope="module")
def added():
    """The first version of each recorded object, by kind."""
    found = {}
    with lzma.open(RECORDING, "rt") as lines:
        for row in map(json.loads, lines):
            if row.get("type") == "ADDED":
                found.setdefault(row["kind"], []).append(row["object"])
    return found


def made(obj, *, number=""):
    """An object as its maker sent it: without what the server adds, and with one hash for all."""
    meta = {key: value for key, value in obj["metadata"].items() if key not in OF_THE_SERVER}
    content = {**obj, "metadata": meta}
    return json.loads(json.dumps(content).replace(number, "HASH")) if number else content


def test_the_machine_set_of_a_deployment_is_as_the_real_one(added):
    (deployment,), (real,) = added["MachineDeployment"], added["MachineSet"]
    ours = scaling.machine_set(deployment, real["metadata"]["name"], size=real["spec"]["replicas"], revision=1)
    hashes = [each["metadata"]["labels"][HASH] for each in (ours, real)]

    assert made(ours, number=hashes[0]) == made(real, number=hashes[1])
    assert hashes[0].rpartition("-")[2] == hashes[1].rpartition("-")[2] == real["metadata"]["name"].rpartition("-")[2]


def test_another_template_has_another_hash(added):
    (deployment,) = added["MachineDeployment"]
    template = deployment["spec"]["template"]
    other = {
        **deployment,
        "spec": {**deployment["spec"], "template": {**template, "spec": {**template["spec"], "version": "v1.37.0"}}},
    }
    labels = [
        scaling.machine_set(each, "md-abcde", size=1, revision=1)["metadata"]["labels"][HASH]
        for each in (deployment, deployment, other)
    ]

    assert labels[0] == labels[1] != labels[2]


@pytest.mark.parametrize("number", [0, 1])
def test_the_machines_of_a_machine_set_are_as_the_real_ones(added, number):
    (owner,), (template,) = added["MachineSet"], added["Metal3MachineTemplate"]
    machines = [each for each in added["Machine"] if each["metadata"]["name"].startswith(owner["metadata"]["name"])]
    real = machines[number]
    name = real["metadata"]["name"]
    (infrastructure,) = [each for each in added["Metal3Machine"] if each["metadata"]["name"] == name]

    assert made(scaling.machine(owner, name)) == made(real)
    assert made(scaling.metal3_machine(owner, name, template)) == made(infrastructure)


def test_names_are_completed_as_the_server_would():
    dice = random.Random(1)
    names = {scaling.new_name("lab-md", dice) for _ in range(50)}
    assert len(names) == 50
    assert all(name.startswith("lab-md-") and len(name) == len("lab-md-") + scaling.SUFFIX_LENGTH for name in names)
