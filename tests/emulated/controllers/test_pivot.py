"""Pivots of the embedded lab, host by host against the recordings of real ones (see docs/fidelity.md for what may differ)."""

import asyncio
import json
import lzma
from pathlib import Path

import pytest

from harness.emulated.controllers.kubeconfig import client_of
from harness.emulated.kube.client import Client
from harness.emulated.kube.resources import CLUSTERS, HOSTS, IP_POOLS, METAL3_MACHINES, NODES, SECRETS
from harness.emulated.seed import steady
from tests.emulated.apiserver.binaries import needed
from tests.emulated.controllers.host_timeline import events, timeline
from tests.emulated.running_lab import FACT_SECONDS, RunningLab, running_lab
from tests.waiting import until

RECORDINGS = Path(__file__).parents[2] / "recordings"
CLAIMED = ("node-0", "node-1", "node-2")
SPARE = "node-3"
RACING_WORD = "+block-move"
"""CAPM3 adds it while BMO restores and registers: recorded before, between and after BMO's writes."""
RACING_EVENTS = {"Registered", "UpdateHardwareDetails"}
"""Lost with a status write that loses a race; told when the move happens to bring a spare's HardwareData."""


def _recorded(name: str) -> list[dict]:
    with lzma.open(RECORDINGS / name / "watch.jsonl.xz", "rt") as lines:
        return [json.loads(line) for line in lines]


def _settled(words: list[str]) -> list[str]:
    return [word for word in words if word != RACING_WORD]


def _told(reasons: list[str]) -> list[str]:
    return [reason for reason in reasons if reason not in RACING_EVENTS]


def _assert_like(lab: RunningLab, recording: str, pairs: dict[str, str], sides: tuple[str, str]) -> None:
    """The same order of the same changes and events, for each of our hosts as for its recorded one."""
    rows = _recorded(recording)
    for ours, theirs in pairs.items():
        for cluster, recorded_cluster in zip(("source", "target"), sides, strict=True):
            simulated, real = timeline(lab.changes, cluster, ours), timeline(rows, recorded_cluster, theirs)
            assert _settled(simulated) == _settled(real), (ours, cluster)
            assert sorted(simulated) == sorted(real), (ours, cluster)
            told, recorded = events(lab.changes, cluster, ours), events(rows, recorded_cluster, theirs)
            assert _told(told) == _told(recorded), (ours, cluster)


async def test_a_good_pivot_goes_host_by_host_as_the_recorded_one(tmp_path):
    async with running_lab(tmp_path) as lab:
        before = {host["metadata"]["name"]: host for host in lab.all("source", HOSTS)}
        await lab.hand_over("source", "target")
        assert await lab.move("source", "target") == 0
        await lab.until(lambda: lab.is_settled("target"))
        assert lab.all("source", HOSTS) == []
        cluster = await lab.clients["target"].get(CLUSTERS, "lab", "metal3")
        told = cluster["status"]["deprecated"]["v1beta1"]["conditions"]
        assert [(each["type"], each["status"]) for each in told] == [  # read by a real CAPM3
            ("Ready", "True"),
            ("ControlPlaneInitialized", "True"),
            ("InfrastructureReady", "True"),
        ]
        _assert_like(
            lab,
            "b-good-pivot",
            dict(zip((*CLAIMED, SPARE), ("host0", "host1", "host2", "host3"), strict=True)),
            ("source", "target"),
        )
        for host in lab.all("target", HOSTS):
            _assert_same_but_adopted(before[host["metadata"]["name"]], host)
        assert all("userData" not in machine["status"] for machine in lab.all("target", METAL3_MACHINES))


@pytest.mark.real
@pytest.mark.timeout(300)
async def test_the_real_clusterctl_moves_it_as_well(tmp_path):
    clusterctl = needed("clusterctl")
    async with running_lab(tmp_path) as lab:
        await lab.hand_over("source", "target")
        assert await lab.move("source", "target", clusterctl=clusterctl) == 0
        await lab.until(lambda: lab.is_settled("target"))
        assert lab.all("source", HOSTS) == []
        pairs = dict(zip((*CLAIMED, SPARE), ("host0", "host1", "host2", "host3"), strict=True))
        _assert_like(lab, "b-good-pivot", pairs, ("source", "target"))


def _assert_same_but_adopted(before: dict, after: dict) -> None:
    """Of a claimed host only its node, credentials' versions, registration and dates differ (real-pivots.md, section 3)."""
    assert after["spec"] == before["spec"]
    if "consumerRef" not in after["spec"]:
        return
    old, new = before["status"], after["status"]
    changed = {key for key in {*old, *new} if old.get(key) != new.get(key)}
    assert changed <= {"conditions", "goodCredentials", "lastUpdated", "operationHistory", "provisioning", "triedCredentials"}
    assert new["provisioning"]["ID"] != old["provisioning"]["ID"]
    assert {**new["provisioning"], "ID": ""} == {**old["provisioning"], "ID": ""}
    histories = [{**status["operationHistory"], "register": None} for status in (old, new)]
    assert histories[0] == histories[1]
    times = [{said["type"]: said["lastTransitionTime"] for said in status["conditions"]} for status in (old, new)]
    assert times[0] == times[1]


@pytest.mark.slow
async def test_the_way_back_is_as_harmless_and_a_deleted_cluster_leaves_what_upstream_leaves(tmp_path):
    async with running_lab(tmp_path) as lab:
        for sides in (("source", "target"), ("target", "source")):
            await lab.hand_over(*sides)
            assert await lab.move(*sides) == 0
            await lab.until(lambda to=sides[1]: lab.is_settled(to))
        await lab.clients["source"].delete(CLUSTERS, "lab", "metal3")
        await lab.until(lambda: all(_is_off(host) for host in lab.all("source", HOSTS) if host["metadata"]["name"] != SPARE))
        for host in lab.all("source", HOSTS):
            if host["metadata"]["name"] == SPARE:
                continue
            assert "consumerRef" not in host["spec"]
            assert {"userData", "metaData", "networkData"} <= set(host["spec"])
            assert "clusterctl.cluster.x-k8s.io/block-move" in host["metadata"]["annotations"]
        await _until_gone(lab.clients["source"])
        reasons = events(lab.changes, "source", "node-1")
        assert reasons[-2:] == ["DeprovisioningStarted", "DeprovisioningComplete"]


def _is_off(host: dict) -> bool:
    status = host["status"]
    return status["provisioning"]["state"] == "available" and not status["poweredOn"] and "consumerRef" not in host["spec"]


async def _until_gone(client: Client) -> None:
    for resource in (CLUSTERS, IP_POOLS):
        await _until_none(client, resource)
    names = {secret["metadata"]["name"] for secret in (await client.list_all(SECRETS, "metal3"))["items"]}
    assert not [name for name in names if name.endswith(("-metadata", "-networkdata"))]


async def _until_none(client: Client, resource) -> None:
    async def none() -> bool:
        return not (await client.list_all(resource, "metal3"))["items"]

    await until(none, f"the end of every {resource.kind}", FACT_SECONDS)


async def test_a_host_that_loses_its_status_annotation_is_imaged_anew(tmp_path):
    async with running_lab(tmp_path) as lab:
        async with client_of((tmp_path / "workload.kubeconfig").read_text(), user_agent="test") as workload:
            before = {node["metadata"]["name"]: node for node in (await workload.list_all(NODES))["items"]}
            await lab.hand_over("source", "target")
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_strip(lab, "node-1"))
                assert await tasks.create_task(lab.move("source", "target")) == 0
            await lab.until(lambda: events(lab.changes, "target", "node-1")[-1:] == ["ProvisioningComplete"])
            await lab.until(lambda: lab.is_settled("target"))
            _assert_like(lab, "d-status-annotation-lost", {"node-0": "host0", "node-1": "host1"}, ("source", "target"))
            after = {node["metadata"]["name"]: node for node in (await _nodes_ready(workload))}
        assert [name for name in CLAIMED if _machine_id(after[name]) != _machine_id(before[name])] == ["node-1"]


async def _nodes_ready(client: Client) -> list[dict]:
    async def all_there() -> list[dict]:
        nodes = (await client.list_all(NODES))["items"]
        return nodes if len(nodes) == len(CLAIMED) else []

    return await until(all_there, "a Node for each claimed host", FACT_SECONDS)


def _machine_id(node: dict) -> str:
    return node["status"]["nodeInfo"]["machineID"]


async def _strip(lab: RunningLab, name: str) -> None:
    status = "baremetalhost.metal3.io/status"
    target = lab.informers["target", "BareMetalHost"]
    await lab.until(lambda: status in (target.get(("metal3", name)) or {"metadata": {}})["metadata"].get("annotations", {}))
    await lab.clients["target"].merge_patch(
        HOSTS, {"metadata": {"namespace": "metal3", "name": name}}, {"metadata": {"annotations": {status: None}}}
    )


@pytest.mark.slow
async def test_without_an_ironic_in_the_target_everything_looks_well_and_nobody_adopts(tmp_path):
    async with running_lab(tmp_path) as lab:
        before = {host["metadata"]["name"]: host["status"]["provisioning"]["ID"] for host in lab.all("source", HOSTS)}
        await lab.scale("source", 0, steady.IRONIC, steady.BMO)
        await lab.scale("target", 1, steady.BMO)
        assert await lab.move("source", "target") == 0
        await lab.until(
            lambda: (
                {
                    machine.get("status", {}).get("phase")
                    for machine in lab.all("target", lab.informers["target", "Machine"].resource)
                }
                == {"Running"}
            )
        )
        _assert_like(
            lab, "k-target-ironic-dead", dict(zip(CLAIMED, ("host0", "host1", "host2"), strict=True)), ("source", "target")
        )
        for host in lab.all("target", HOSTS):
            assert "consumerRef" not in host["spec"] or host["status"]["provisioning"]["ID"] == before[host["metadata"]["name"]]


@pytest.mark.slow
async def test_a_side_that_is_left_alive_begins_to_deprovision_what_it_loses(tmp_path):
    async with running_lab(tmp_path) as lab:
        await lab.scale("target", 1, steady.IRONIC, steady.BMO)
        assert await lab.move("source", "target") == 0
        await lab.until(lambda: lab.is_settled("target"))
        _assert_like(
            lab, "e-source-ironic-left", dict(zip(CLAIMED, ("host0", "host1", "host2"), strict=True)), ("target", "source")
        )
    log = (tmp_path / "lab.log").read_text()
    assert "'provisioned' -> 'deprovisioning'" in log
    assert "failed to save host status after 'provisioned': 404" in log


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3, 4])
async def test_pivots_of_other_labs_end_well_too(tmp_path, seed):
    async with running_lab(tmp_path, seed=seed, hosts=5, spares=2, control_planes=3) as lab:
        await lab.hand_over("source", "target")
        assert await lab.move("source", "target") == 0
        await lab.until(lambda: lab.is_settled("target"))
        assert lab.all("source", HOSTS) == []
