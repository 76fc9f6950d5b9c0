"""Provisioning from zero by the command line: what it comes to, what it leaves behind, what it refuses, and what it proves."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.emulated.lab.images import ImageServer
from harness.emulated.plan.network import EmulatedNetwork
from harness.journal.facts import (
    BmcRead,
    IronicNode,
    IronicNodeGone,
    ProbeSeen,
    StepBegan,
    StepEnded,
    WriteIntended,
    WriteUndone,
)
from harness.journal.journal import FILE_NAME, read
from harness.kube.client import open_cluster
from harness.world.world import World
from tests.run_on_lab import ROOT, run
from tests.waiting import wait_until

RUN_SECONDS = 100
LAB = ROOT / "labs" / "lab-provision.yaml"
METAL3 = "/apis/metal3.io/v1alpha1/namespaces/metal3"
HOSTS = ("node-0", "node-1", "node-2")
LEFT = {
    "hosts": f"{METAL3}/baremetalhosts",
    "hardware": f"{METAL3}/hardwaredata",
    "clusters": "/apis/cluster.x-k8s.io/v1beta2/namespaces/metal3/clusters",
    "machines": "/apis/cluster.x-k8s.io/v1beta2/namespaces/metal3/machines",
    "machine sets": "/apis/cluster.x-k8s.io/v1beta2/namespaces/metal3/machinesets",
    "infrastructure": "/apis/infrastructure.cluster.x-k8s.io/v1beta2/namespaces/metal3/metal3machines",
    "templates": "/apis/infrastructure.cluster.x-k8s.io/v1beta2/namespaces/metal3/metal3datatemplates",
    "claims": "/apis/infrastructure.cluster.x-k8s.io/v1beta2/namespaces/metal3/metal3dataclaims",
    "pools": "/apis/ipam.metal3.io/v1alpha1/namespaces/metal3/ippools",
    "addresses": "/apis/ipam.metal3.io/v1alpha1/namespaces/metal3/ipaddresses",
    "secrets": "/api/v1/namespaces/metal3/secrets",
}

pytestmark = pytest.mark.timeout(2 * RUN_SECONDS)


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "harness", *map(str, arguments)]


def harness(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PATH": "/usr/bin:/bin"}
    return subprocess.run(
        command(*arguments), cwd=ROOT, env=environment, capture_output=True, text=True, timeout=RUN_SECONDS, check=False
    )


def started(*arguments: str | Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command(*arguments), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture
def lab(tmp_path) -> Iterator[Path]:
    """A lab that is kept running, with nothing provisioned."""
    place = tmp_path / "lab"
    up = harness("lab", "up", "--lab", LAB, "--dir", place, "--detach")
    assert up.returncode == 0, up.stderr
    yield place
    assert harness("lab", "down", place).returncode == 0
    assert not [path for name in ("lab-hosts.yaml", "lab-cluster.yaml", "*.secret", "*.kubeconfig") for path in place.glob(name)]


def objects_in(lab: Path) -> dict[str, list[str]]:
    """What there is of a Cluster and its hosts in the source, by name."""

    async def ask() -> dict[str, list[str]]:
        async with open_cluster(lab / "source.kubeconfig") as cluster:
            found = {what: await cluster.list_all(path) for what, path in LEFT.items()}
        return {what: [item["metadata"]["name"] for item in items] for what, items in found.items() if items}

    return asyncio.run(ask())


def create(lab: Path, path: str, body: dict[str, Any]) -> None:
    async def ask() -> None:
        async with open_cluster(lab / "source.kubeconfig") as cluster:
            await cluster.create(path, body)

    asyncio.run(ask())


def journal_of(directory: Path) -> list[Any]:
    return list(read(directory / FILE_NAME)) if (directory / FILE_NAME).exists() else []


@pytest.mark.slow
def test_a_cluster_provisioned_from_zero_is_moved_and_nobody_notices(tmp_path):
    done = run("provision_and_pivot", LAB, tmp_path / "run")

    assert done.code == 0, done.output
    assert done.hosts == dict.fromkeys(HOSTS, "pass")
    assert "all 48 objects arrived equal" in done.output or any("48 objects" in item["says"] for item in done.verdict["checks"])
    assert list(done.verdict["unclaimed"]) == ["node-3"]


@pytest.mark.slow
def test_without_a_move_nothing_is_proven(tmp_path):
    done = run("provision", LAB, tmp_path / "run")
    said = {(item["check"], item["verdict"]) for item in done.verdict["checks"]}

    assert done.code == 3, done.output
    assert done.verdict["verdict"] == "unknown"
    assert ("run_completes", "pass") in said
    assert {("move_completes", "unknown"), ("hosts_adopted", "unknown")} <= said
    assert not any(verdict == "fail" for _, verdict in said)


@pytest.mark.slow
def test_who_watches_a_provisioning_says_unknown_and_no_secret_is_told(lab, tmp_path):
    witness = started("watch", "--lab", lab / "lab.yaml", "--out", tmp_path / "watched")
    try:
        wait_until(
            lambda: any(isinstance(entry.fact, ProbeSeen) for entry in journal_of(tmp_path / "watched")),
            "a probe",
            RUN_SECONDS / 2,
        )
        done = harness("run", "provision", "--lab", lab / "lab.yaml", "--out", tmp_path / "run")
    finally:
        witness.send_signal(signal.SIGINT)
        code = witness.wait(RUN_SECONDS)
    verdict = json.loads((tmp_path / "watched" / "verdict.json").read_text())
    objects = list(yaml.safe_load_all((lab / "lab-hosts.yaml").read_text())) + list(
        yaml.safe_load_all((lab / "lab-cluster.yaml").read_text())
    )
    secrets = [value for each in objects for value in (each.get("data") or {}).values() if len(value) > 12]
    artefacts = [path for name in ("run", "watched") for path in (tmp_path / name).rglob("*") if path.is_file()]

    assert (done.returncode, code) == (3, 3), done.stdout + done.stderr
    assert (verdict["verdict"], verdict["hosts"]) == ("unknown", {})
    assert len(secrets) >= 10
    assert not [path.name for path in artefacts for secret in secrets if secret.encode() in path.read_bytes()]


@pytest.mark.slow
def test_a_provisioning_that_does_not_end_is_taken_back(lab, tmp_path):
    (tmp_path / "short.yaml").write_text("steps:\n  - provision:\n    within: 3s\nexpect: [run_completes]\n")
    done = harness("run", tmp_path / "short.yaml", "--lab", lab / "lab.yaml", "--out", tmp_path / "run")
    seen = [entry.fact for entry in read(tmp_path / "run" / FILE_NAME)]
    created = [fact for fact in seen if isinstance(fact, WriteIntended)]
    undone = [fact for fact in seen if isinstance(fact, WriteUndone)]
    power = {fact.host: fact.power for fact in seen if isinstance(fact, BmcRead)}

    assert done.returncode in (1, 3), done.stdout + done.stderr
    assert len(created) == len(undone) > 15
    assert [fact.write for fact in undone] == [fact.write for fact in reversed(created)]
    assert power == dict.fromkeys([*HOSTS, "node-3"], "Off")
    assert objects_in(lab) == {}


@pytest.mark.slow
def test_what_a_killed_provisioning_left_is_recovered(lab, tmp_path):
    killed = started("run", "provision", "--lab", lab / "lab.yaml", "--out", tmp_path / "run")
    wait_until(
        lambda: (
            any(isinstance(entry.fact, StepBegan) for entry in journal_of(tmp_path / "run")) and "machines" in objects_in(lab)
        ),
        "a step that makes Machines",
        RUN_SECONDS / 2,
    )
    killed.kill()
    killed.wait()

    done = harness("recover", tmp_path / "run")

    assert done.returncode == 0, done.stdout + done.stderr
    assert objects_in(lab) == {}


def test_what_is_there_already_is_somebody_elses(lab, tmp_path):
    meta = {"name": "node-2-bmc", "namespace": "metal3"}
    create(lab, LEFT["secrets"], {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": {"username": "me"}})
    done = harness("run", "provision", "--lab", lab / "lab.yaml", "--out", tmp_path / "run")

    assert done.returncode == 2
    assert "Secret node-2-bmc: already in the source" in done.stdout + done.stderr
    assert objects_in(lab) == {"secrets": ["node-2-bmc"]}


@pytest.mark.slow
def test_from_empty_servers_to_empty_servers(lab, tmp_path):
    done = run("empty_to_empty", lab / "lab.yaml", tmp_path / "run")
    facts = [entry.fact for entry in read(tmp_path / "run" / FILE_NAME)]
    ended = {fact.word: fact.says for fact in facts if isinstance(fact, StepEnded)}
    nodes: dict[str, str] = {}
    for fact in facts:
        if isinstance(fact, IronicNode) and fact.ironic == "source":
            nodes[fact.uuid] = fact.node["provision_state"]
        if isinstance(fact, IronicNodeGone) and fact.ironic == "source":
            nodes.pop(fact.uuid, None)

    assert (done.code, done.hosts) == (0, dict.fromkeys(HOSTS, "pass")), done.output
    assert "node-1 keeps userData, metaData, networkData, clusterctl.cluster.x-k8s.io/block-move" in ended["deprovision_worker"]
    names = [*HOSTS, "node-3"]
    assert objects_in(lab) == {"hosts": names, "hardware": names, "secrets": [f"{name}-bmc" for name in names]}
    assert sorted(nodes.values()) == ["available", "available", "available", "manageable"]
    for host in hosts_in(lab):
        state, spec = host["status"], host["spec"]
        assert (state["provisioning"]["state"], state["provisioning"]["image"], state["operationalStatus"]) == (
            "available", {"url": ""}, "OK",
        )  # fmt: skip
        assert state["poweredOn"] is spec["online"]
        assert not spec.keys() & {"consumerRef", "image"}
        assert host["metadata"]["finalizers"] == ["baremetalhost.metal3.io"]


def hosts_in(lab: Path) -> list[dict[str, Any]]:
    async def ask() -> list[dict[str, Any]]:
        async with open_cluster(lab / "source.kubeconfig") as cluster:
            return await cluster.list_all(LEFT["hosts"])

    return asyncio.run(ask())


@pytest.mark.slow
@pytest.mark.parametrize(("family", "system"), [("ubuntu", "Ubuntu 24.04.3 LTS"), ("centos", "CentOS Stream 10 (Coughlan)")])
def test_the_family_of_images_is_seen_in_urls_checksums_and_nodes(tmp_path, family, system):
    (tmp_path / "lab.yaml").write_text(f"embedded: {{hosts: 1, spares: 0, provisioned: false, image: {family}}}\n")
    done = run("provision", tmp_path / "lab.yaml", tmp_path / "run")
    world = World(read(tmp_path / "run" / FILE_NAME))
    (node,) = (version for _, version in world.living("workload", "Node"))
    (host,) = (version for _, version in world.living("source", "BareMetalHost"))
    image = host.get("status", "provisioning", "image")

    assert done.code == 3, done.output
    assert node.get("status", "nodeInfo", "osImage") == system
    assert f"/images/{family.upper()}_" in image["url"]
    assert image["checksum"] == ImageServer(EmulatedNetwork(), "127.77.4.1", family).checksum


STAGED = """\
steps:
  - preflight
  - stop_ironic: {cluster: source}
  - stop_bmo: {cluster: source}
  - start_ironic: {cluster: target}
  - start_bmo: {cluster: target}
  - move
  - settle
  - deprovision_worker: {cluster: target}
  - reset: {host: node-1}
  - reset: {host: node-0}
  - quiet: 60s
"""


@pytest.mark.slow
def test_while_a_part_is_deprovisioned_the_other_one_is_guarded(tmp_path):
    (tmp_path / "story.yaml").write_text(STAGED)
    done = run(str(tmp_path / "story.yaml"), ROOT / "lab.yaml", tmp_path / "run")

    assert done.code == 1, done.output
    assert done.hosts == {"node-0": "fail", "node-1": "pass", "node-2": "pass"}
    assert "Reset ForceRestart by this harness" in done.said("bmc_untouched", "node-0")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ("[provision_worker]", "there is no Cluster lab in the source; the step `provision_cluster` comes first"),
        ("[provision_cluster, provision_cluster]", "already in the source, and provisioning begins from zero"),
        ("[deprovision_cluster]", "there is no Cluster in the source that could be deprovisioned; it is gone already"),
    ],
)
def test_a_stage_out_of_place_is_refused_as_a_bad_request(tmp_path, steps, says):
    (tmp_path / "story.yaml").write_text(f"steps: {steps}\n")
    done = run(str(tmp_path / "story.yaml"), LAB, tmp_path / "run")

    assert done.code == 2, done.output
    assert says in done.output


def test_a_lab_without_manifests_is_refused_with_the_cure(tmp_path):
    done = run("provision", ROOT / "lab.yaml", tmp_path / "run")

    assert done.code == 2
    assert "`manifests: {hosts: ..., cluster: ...}` is missing" in done.output
    assert "provisioned: false" in done.output
