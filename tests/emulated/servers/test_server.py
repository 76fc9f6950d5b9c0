import asyncio
from datetime import UTC, datetime

import pytest

from bmc.machine import BootOverride, Machine
from harness.emulated.apiserver import ApiServer
from harness.emulated.kube.client import Client
from harness.emulated.kube.resources import NODES
from harness.emulated.plan.plan import Config, make_plan
from harness.emulated.servers.found import found_server, server_address
from tests.waiting import until

CONFIG = Config(hosts=2, spares=1, speed=200.0)
PLAN = make_plan(CONFIG)
SECONDS = 10.0


@pytest.fixture
async def workload():
    api = ApiServer("workload")
    async with Client(await api.start(), api.token) as client:
        yield client
    await api.stop()


@pytest.fixture
async def found(workload):
    """The servers of a small lab by role, running as they were found."""
    servers, lives = {}, []
    for host in PLAN.hosts:
        machine = Machine(name=host.name, uuid=host.uuid, clock=lambda: datetime.now(UTC))
        server = found_server(host, machine, config=CONFIG, workload=workload, image_url="http://image")
        lives.append(asyncio.create_task(server.run()))
        servers[host.role] = server
        await asyncio.wait_for(server.ready.wait(), SECONDS)
    yield servers
    for life in lives:
        life.cancel()
    await asyncio.wait(lives)


async def node_when(workload, name, wanted):
    async def reached():
        node = await workload.get(NODES, name)
        return node if wanted(node) else None

    return await until(reached, f"{name} in that state", SECONDS)


def ready(node):
    return next(said["status"] for said in node["status"]["conditions"] if said["type"] == "Ready")


async def test_claimed_servers_are_found_as_ready_nodes_and_spares_as_none(found, workload):
    nodes = {node["metadata"]["name"]: node for node in (await workload.list_all(NODES))["items"]}
    assert sorted(nodes) == ["node-0", "node-1"]
    assert [ready(node) for node in nodes.values()] == ["True", "True"]
    assert "node-role.kubernetes.io/control-plane" in nodes["node-0"]["metadata"]["labels"]
    assert nodes["node-1"]["spec"]["providerID"] == f"metal3://metal3/{PLAN.hosts[1].provider_id}"
    assert nodes["node-1"]["status"]["nodeInfo"]["systemUUID"] == PLAN.hosts[1].uuid
    assert (found["worker"].running, found["spare"].running) == ("os", "nothing")


async def test_power_off_makes_the_node_unknown_and_power_on_boots_the_same_disk_anew(found, workload):
    server = found["worker"]
    before = await workload.get(NODES, "node-1")
    server.machine.reset("ForceOff")
    assert ready(await node_when(workload, "node-1", lambda node: ready(node) != "True")) == "Unknown"
    server.machine.reset("On")
    after = await node_when(workload, "node-1", lambda node: ready(node) == "True")
    infos = before["status"]["nodeInfo"], after["status"]["nodeInfo"]
    assert infos[0]["bootID"] != infos[1]["bootID"]
    assert infos[0]["machineID"] == infos[1]["machineID"]
    assert before["metadata"]["uid"] == after["metadata"]["uid"]


async def test_a_restart_shows_as_a_moment_of_silence(found, workload):
    found["worker"].machine.reset("ForceRestart")
    await node_when(workload, "node-1", lambda node: ready(node) == "Unknown")
    await node_when(workload, "node-1", lambda node: ready(node) == "True")
    assert found["worker"].machine.boot_progress.last_state == "OSRunning"


async def test_without_a_disk_nothing_runs(found):
    spare = found["spare"]
    spare.machine.reset("ForceRestart")
    await until(lambda: spare.boots and spare.running != "firmware", "the end of its firmware", SECONDS)
    assert (spare.boots, spare.running) == (1, "nothing")


async def test_an_override_to_an_empty_drive_boots_the_disk(found, workload):
    server = found["worker"]
    before = (await workload.get(NODES, "node-1"))["status"]["nodeInfo"]["bootID"]
    server.machine.set_boot(BootOverride(target="Cd", enabled="Once"))
    server.machine.reset("ForceRestart")
    await node_when(workload, "node-1", lambda node: node["status"]["nodeInfo"]["bootID"] != before)
    assert server.running == "os"


async def test_other_nodes_are_left_alone(found, workload):
    before = await workload.get(NODES, "node-0")
    found["worker"].machine.reset("ForceOff")
    await node_when(workload, "node-1", lambda node: ready(node) == "Unknown")
    assert await workload.get(NODES, "node-0") == before


def test_a_server_has_an_address_of_its_own_beside_its_bmc():
    assert server_address(PLAN.hosts[1]) == "127.78.10.2"
