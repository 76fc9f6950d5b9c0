import asyncio
import json
import shutil
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.emulated.controllers.kubeconfig import client_of
from harness.emulated.kube.resources import CLUSTERS, DEPLOYMENTS, HOSTS, NODES, SECRETS
from tests.emulated.running_lab import END_SECONDS, running_lab, start

QUIET_SECONDS = 1.5


async def _identities(directory: Path) -> dict[str, Any]:
    """What must be the same at every run with the same seed."""
    async with running_lab(directory, seed=7) as lab:
        hosts, source = lab.all("source", HOSTS), lab.clients["source"]
        (cluster,) = (await source.list_all(CLUSTERS))["items"]
        async with client_of((directory / "workload.kubeconfig").read_text(), user_agent="test") as workload:
            nodes = (await workload.list_all(NODES))["items"]
        return {
            "uids": [host["metadata"]["uid"] for host in hosts] + [cluster["metadata"]["uid"]],
            "macs": [host["spec"]["bootMACAddress"] for host in hosts],
            "consumers": [host["spec"].get("consumerRef", {}).get("name") for host in hosts],
            "machine ids": [node["status"]["nodeInfo"]["machineID"] for node in nodes],
            "passwords": [json.loads((directory / f"{host['metadata']['name']}.secret").read_text()) for host in hosts],
        }


async def test_the_same_seed_makes_the_same_lab(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    first, second = await _identities(tmp_path / "one"), await _identities(tmp_path / "two")
    assert first == second
    assert len(set(first["uids"])) == 5


async def test_the_lab_file_is_an_ordinary_one_and_its_secrets_are_private(tmp_path):
    async with running_lab(tmp_path, hosts=2, spares=1) as lab:
        written = lab.lab
    assert list(written["hosts"]) == ["node-0", "node-1", "node-2"]
    assert written["clusters"]["source"] == {"kubeconfig": "source.kubeconfig", "vantage": "127.77.1.1", "namespace": "metal3"}
    assert written["ironic"]["target"]["runs_as"] == {"deployment": "baremetal-operator-system/ironic"}
    assert written["speed"] == 20
    assert all(url.startswith("http://127.77.") for url in (written["ironic"][side]["url"] for side in ("source", "target")))
    for file in (*tmp_path.glob("*.secret"), *tmp_path.glob("*.kubeconfig")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert len(list(tmp_path.glob("*.secret"))) == 4


async def test_the_seeded_state_is_steady(tmp_path):
    """Controllers that find what they would have made themselves write nothing, here for 30 recorded seconds."""
    async with running_lab(tmp_path) as lab:
        assert {host["status"]["provisioning"]["state"] for host in lab.all("source", HOSTS)} == {"provisioned", "available"}
        before = [(await lab.clients[side].list_all(SECRETS))["metadata"]["resourceVersion"] for side in ("source", "target")]
        await asyncio.sleep(QUIET_SECONDS)
        after = [(await lab.clients[side].list_all(SECRETS))["metadata"]["resourceVersion"] for side in ("source", "target")]
    assert after == before


async def test_the_target_waits_without_bmo_and_ironic(tmp_path):
    async with running_lab(tmp_path) as lab:
        listed = (await lab.clients["target"].list_all(DEPLOYMENTS))["items"]
    ready = {item["metadata"]["name"]: item["status"].get("readyReplicas", 0) for item in listed}
    assert ready == {
        "baremetal-operator-controller-manager": 0,
        "ironic": 0,
        "capi-controller-manager": 1,
        "capm3-controller-manager": 1,
        "ipam-controller-manager": 1,
    }


async def test_it_ends_when_its_parent_lets_go_of_its_standard_input(tmp_path):
    process = await start(tmp_path, hosts=1, spares=0)
    assert process.stdin is not None
    process.stdin.close()
    async with asyncio.timeout(END_SECONDS):
        assert await process.wait() == 0


async def test_detached_it_outlives_its_standard_input_and_ends_on_request(tmp_path):
    process = await start(tmp_path, "--detach", hosts=1, spares=0)
    assert process.stdin is not None
    process.stdin.close()
    kubeconfig = (tmp_path / "source.kubeconfig").read_text()
    async with client_of(kubeconfig, user_agent="test") as client:
        for _ in range(20):
            assert len((await client.list_all(HOSTS))["items"]) == 1
    assert process.returncode is None
    process.terminate()
    async with asyncio.timeout(END_SECONDS):
        assert await process.wait() == 0


async def test_a_bad_configuration_is_refused_with_its_cause(tmp_path):
    for content, cause in (
        ('{"hosts": "many"}', "hosts"),
        ('{"hosst": 1}', "hosst"),
        ('{"hosts": 1, "control_planes": 2}', "control_planes"),
    ):
        (tmp_path / "embedded.json").write_text(content)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "harness.emulated", "--config", str(tmp_path / "embedded.json"), "--dir", str(tmp_path)),
            stderr=asyncio.subprocess.PIPE,
        )
        _, errors = await process.communicate()
        assert process.returncode == 2
        assert cause in errors.decode()


async def test_the_workload_kubeconfig_in_the_cluster_leads_to_the_nodes(tmp_path):
    async with running_lab(tmp_path, hosts=1, spares=0) as lab:
        workload = yaml.safe_load((tmp_path / "workload.kubeconfig").read_text())
        async with client_of((tmp_path / "workload.kubeconfig").read_text(), user_agent="test") as client:
            (node,) = (await client.list_all(NODES))["items"]
        machine = lab.all("source", lab.informers["source", "Machine"].resource)[0]
    assert workload["current-context"] == "workload"
    assert node["spec"]["providerID"] == machine["spec"]["providerID"]
    assert machine["status"]["nodeInfo"]["bootID"] == node["status"]["nodeInfo"]["bootID"]


@pytest.mark.skipif(shutil.which("ipmitool") is None, reason="there is no ipmitool on PATH")
async def test_ipmitool_gets_in_with_the_credentials_of_a_lab_over_ipmi(tmp_path):
    async with running_lab(tmp_path, hosts=1, spares=0, bmc={"protocol": "ipmi"}) as lab:
        host = lab.lab["hosts"]["node-0"]
        secret = json.loads((tmp_path / host["credentials"].removeprefix("file:")).read_text())
        address, _, port = host["bmc"].removeprefix("ipmi://").partition(":")
        (tmp_path / "password").write_text(secret["password"])
        login = ("-H", address, "-p", port, "-U", secret["username"], "-f", str(tmp_path / "password"))
        process = await asyncio.create_subprocess_exec(
            *("ipmitool", "-I", "lanplus", *login, "power", "status"), stdout=asyncio.subprocess.PIPE
        )

        assert (await process.communicate())[0] == b"Chassis Power is on\n"
