"""A move whose source lacks clusterctl's labels on the definitions of hosts, beside the recording of a real one (f)."""

import json
import lzma
from pathlib import Path
from typing import Any

import pytest

from harness.emulated.kube.resources import (
    CLUSTERS,
    CRDS,
    HARDWARE_DATA,
    HOSTS,
    MACHINE_DEPLOYMENTS,
    MACHINE_SETS,
    MACHINES,
    METAL3_MACHINES,
    SECRETS,
    ResourceMapping,
)
from tests.emulated.apiserver.binaries import needed
from tests.emulated.controllers.host_timeline import events, timeline
from tests.emulated.running_lab import FACT_SECONDS, RunningLab, running_lab
from tests.waiting import until

RECORDING = Path(__file__).parents[2] / "recordings" / "f-crd-labels-missing" / "watch.jsonl.xz"
ORIGIN, DESTINATION = "target", "source"
"""The recorded move went back."""
HOST_NAMES = {"node-0": "host0", "node-1": "host1", "node-2": "host2", "node-3": "host3"}
PAUSED, STATUS = "baremetalhost.metal3.io/paused", "baremetalhost.metal3.io/status"
LABELS = {f"clusterctl.cluster.x-k8s.io{end}": None for end in ("", "/move", "/move-hierarchy")}


@pytest.mark.slow
async def test_our_mover_and_our_controllers_leave_the_hosts_behind_as_recorded(tmp_path):
    async with running_lab(tmp_path) as lab:
        await _assert_left_behind(lab)


@pytest.mark.real
@pytest.mark.timeout(300)
async def test_the_real_clusterctl_leaves_them_behind_as_well(tmp_path):
    clusterctl = needed("clusterctl")
    async with running_lab(tmp_path) as lab:
        await _assert_left_behind(lab, clusterctl)


async def _assert_left_behind(lab: RunningLab, clusterctl: str = "") -> None:
    for name in ("baremetalhosts.metal3.io", "hardwaredata.metal3.io"):
        await lab.clients["source"].merge_patch(CRDS, {"metadata": {"name": name}}, {"metadata": {"labels": LABELS}})
    await lab.hand_over("source", "target")
    assert await lab.move("source", "target", clusterctl=clusterctl) == 0
    with lzma.open(RECORDING, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    await lab.until(lambda: all(_waits_for_ever(each) for each in lab.all("target", METAL3_MACHINES)))
    await lab.until(lambda: all(each["status"].get("nodeRef") for each in lab.all("target", MACHINES)))
    await _assert_source_keeps_hosts_only(lab)
    for ours, theirs in HOST_NAMES.items():
        assert timeline(lab.changes, "source", ours) == timeline(rows, ORIGIN, theirs)
        assert timeline(lab.changes, "target", ours) == timeline(rows, DESTINATION, theirs) == []
        assert events(lab.changes, "target", ours) == events(rows, DESTINATION, theirs) == []
    await _assert_new_home_is_like(lab, rows)


async def _assert_source_keeps_hosts_only(lab: RunningLab) -> None:
    hosts = {host["metadata"]["name"]: host for host in lab.all("source", HOSTS)}
    claimed = [host for host in hosts.values() if "consumerRef" in host["spec"]]
    carried = [{PAUSED, STATUS} <= set(host["metadata"]["annotations"]) for host in claimed]
    left = {resource: await _names(lab, resource) for resource in (HARDWARE_DATA, SECRETS, CLUSTERS, MACHINES, METAL3_MACHINES)}

    assert set(hosts) == set(HOST_NAMES)
    assert carried == [True] * 3
    assert left[HARDWARE_DATA] == set(HOST_NAMES)
    assert left[SECRETS] == {f"{name}-bmc" for name in HOST_NAMES}
    assert not left[CLUSTERS] | left[MACHINES] | left[METAL3_MACHINES]


async def _names(lab: RunningLab, resource: ResourceMapping) -> set[str]:
    listed = await lab.clients["source"].list_all(resource, "metal3")
    return {each["metadata"]["name"] for each in listed["items"]}


async def _assert_new_home_is_like(lab: RunningLab, rows: list[Any]) -> None:
    """The same phases and conditions, for the same reasons, and for those that wait for a host in the same words."""
    for resource in (MACHINES, METAL3_MACHINES, MACHINE_SETS, MACHINE_DEPLOYMENTS, CLUSTERS):
        real = [_told(each) for each in _recorded(rows, resource.kind)]

        async def alike(resource=resource, real=real) -> bool:
            return [_told(each) for each in await _listed(lab, resource)] == real

        await until(alike, f"{resource.kind} as recorded", FACT_SECONDS)
    assert {each["status"]["phase"] for each in lab.all("target", MACHINES)} == {"Provisioned"}
    assert {_waiting(each) for each in lab.all("target", METAL3_MACHINES)} == {
        _waiting(each) for each in _recorded(rows, "Metal3Machine")
    }


async def _listed(lab: RunningLab, resource: ResourceMapping) -> list[Any]:
    listed = await lab.clients["target"].list_all(resource, "metal3")
    return sorted(listed["items"], key=lambda each: each["metadata"]["name"])


def _told(obj: Any) -> Any:
    """Phase, and status and reason of each condition."""
    return obj["status"].get("phase"), {each["type"]: (each["status"], each["reason"]) for each in obj["status"]["conditions"]}


def _recorded(rows: list[Any], kind: str) -> list[Any]:
    """The last versions of these objects in the new home, in order of name."""
    found = {row["name"]: row["object"] for row in rows if row.get("kind") == kind and row["cluster"] == DESTINATION}
    return [found[name] for name in sorted(found)]


def _waits_for_ever(machine: Any) -> bool:
    return "BareMetalHost not found" in _waiting(machine)


def _waiting(machine: Any) -> str:
    """What its Ready says, with a name in common."""
    said = {each["type"]: each["message"] for each in machine.get("status", {}).get("conditions", ())}
    return said.get("Ready", "").replace(machine["metadata"]["name"], "NAME")
