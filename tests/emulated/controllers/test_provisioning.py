"""A Cluster provisioned from zero by the simulated components ends as the real ones left theirs (rows of b's first list)."""

import asyncio
import json
import lzma
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.emulated.kube.client import Client
from harness.emulated.kube.conditions import is_true
from harness.emulated.kube.resources import HOSTS, MACHINES, SECRETS
from tests.emulated.controllers.recorded_fields import KINDS, bonds, fields
from tests.emulated.running_lab import FACT_SECONDS, RunningLab, running_lab
from tests.waiting import until

RECORDING = Path(__file__).parents[2] / "recordings" / "b-good-pivot" / "watch.jsonl.xz"
BY_KIND = {each.kind: each for each in (*KINDS, SECRETS)}
PAUSED = "baremetalhost.metal3.io/paused"
PAUSED_SECONDS = 2.0
"""More than the 30 recorded seconds after which CAPM3 looks for a host again."""


@pytest.fixture(scope="module")
def recorded() -> dict[str, list[dict[str, Any]]]:
    with lzma.open(RECORDING, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    listed = [row["object"] for row in rows if row.get("type") == "LISTED" and row.get("cluster") == "source"]
    return {kind: [obj for obj in listed if obj.get("kind") == kind] for kind in BY_KIND}


def manifests(lab: RunningLab, name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((lab.directory / lab.lab["manifests"][name]).read_text()))


async def apply(client: Client, objects: list[dict[str, Any]]) -> None:
    for obj in objects:
        await client.create(BY_KIND[obj["kind"]], obj)


def has_arrived(lab: RunningLab) -> bool:
    """Do all Machines run on ready Nodes, and does the spare stand by?"""
    machines, hosts = lab.all("source", MACHINES), lab.all("source", HOSTS)
    states = sorted(host.get("status", {}).get("provisioning", {}).get("state", "") for host in hosts)
    return (
        len(machines) == 3 and all(is_true(each, "Ready") for each in machines) and states == ["available", *["provisioned"] * 3]
    )


async def unlike(client: Client, recorded: dict[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    """What of the source's objects is not as recorded: number, finalizers and owners, fields."""
    found: list[tuple[Any, ...]] = []
    for resource in (each for each in KINDS if each.group != "clusterctl.cluster.x-k8s.io"):
        kind = resource.kind
        ours, theirs = (await client.list_all(resource, "metal3"))["items"], recorded[kind]
        found += [(kind, len(ours), len(theirs))] if len(ours) != len(theirs) else []
        found += [(kind, bonds(ours) ^ bonds(theirs))] if bonds(ours) != bonds(theirs) else []
        found += [(kind, fields(kind, ours) ^ fields(kind, theirs))] if fields(kind, ours) != fields(kind, theirs) else []
    return found


@pytest.mark.timeout(3 * FACT_SECONDS)
async def test_the_objects_of_a_provisioned_cluster_have_the_recorded_fields_finalizers_and_owners(tmp_path, recorded):
    async with running_lab(tmp_path, provisioned=False) as lab:
        assert not lab.all("source", HOSTS)
        client = lab.clients["source"]
        await apply(client, [*manifests(lab, "hosts"), *manifests(lab, "cluster")])
        await lab.until(lambda: has_arrived(lab))
        wrong = []

        async def alike() -> bool:
            wrong[:] = await unlike(client, recorded)
            return not wrong

        await until(alike, lambda: f"objects as recorded, but for {wrong}", FACT_SECONDS)


@pytest.mark.slow
async def test_a_machine_that_is_lost_is_made_anew_on_the_host_that_becomes_free_unless_that_is_paused(tmp_path):
    async with running_lab(tmp_path, hosts=2, spares=0) as lab:
        client = lab.clients["source"]
        (lost,) = [each["metadata"]["name"] for each in lab.all("source", MACHINES) if each["metadata"]["name"] != "lab-cp-0"]
        await client.delete(MACHINES, lost, "metal3")
        await lab.until(lambda: "consumerRef" not in host(lab)["spec"])
        await client.merge_patch(HOSTS, host(lab), {"metadata": {"annotations": {PAUSED: "mine"}}})
        await lab.until(lambda: [each["metadata"]["name"] for each in lab.all("source", MACHINES)][1:] != [lost])
        await asyncio.sleep(PAUSED_SECONDS)
        assert "consumerRef" not in host(lab)["spec"]

        await client.merge_patch(HOSTS, host(lab), {"metadata": {"annotations": {PAUSED: None}}})
        await lab.until(lambda: all(is_true(each, "Ready") for each in lab.all("source", MACHINES)))

    made = [each["metadata"]["name"] for each in lab.all("source", MACHINES)]
    assert len(made) == 2
    assert host(lab)["spec"]["consumerRef"]["name"] == made[1] != lost
    assert host(lab)["spec"]["metaData"]["name"] == f"{made[1]}-metadata"
    assert host(lab)["spec"]["userData"]["name"] == "lab-boot-worker"


def host(lab: RunningLab) -> dict[str, Any]:
    """The worker."""
    (found,) = [each for each in lab.all("source", HOSTS) if each["metadata"]["name"] == "node-1"]
    return found
