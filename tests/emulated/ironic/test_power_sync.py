import asyncio

import aiohttp
import pytest

from harness.emulated.ironic import Ironic
from tests.waiting import until

FAST = 400.0
NODE = {"name": "metal3~node-1", "provision_state": "active", "power_state": "power on"}


@pytest.fixture
async def left_behind(network, bmc):
    """An Ironic of the other side that remembers the server as powered on."""
    nodes = [NODE | {"driver_info": bmc.driver_info}]
    ironic = Ironic("source", address="127.77.1.1", credentials=None, network=network, speed=FAST, nodes=nodes)
    await ironic.start()
    yield ironic
    await ironic.close()


async def node_when(ironic, wanted):
    """The node of that Ironic, over its API, when `wanted` is true of it."""
    async with aiohttp.ClientSession() as session:

        async def reached():
            async with session.get(f"{ironic.url}/v1/nodes/{NODE['name']}") as answer:
                node = await answer.json()
            return node if wanted(node) else None

        return await until(reached, "the node in that state", 20)


def resets(bmc):
    return [
        (entry.address, entry.body.split('"')[3]) for entry in bmc.machine.requests if entry.path.endswith("ComputerSystem.Reset")
    ]


async def passes(bmc, count, ironic):
    """Wait for so many passes from now on: each ends with its fifth look at the System."""
    looks = lambda: sum("/Systems/" in entry.path and entry.method == "GET" for entry in bmc.machine.requests)  # noqa: E731
    before = looks()
    await node_when(ironic, lambda _: looks() >= before + 5 * count)


async def test_as_long_as_the_power_is_as_recorded_it_only_reads(left_behind, bmc):
    await passes(bmc, 3, left_behind)
    assert [write[:2] for write in bmc.writes()] == [("POST", "Sessions")]


async def test_it_writes_the_recorded_power_back(left_behind, bmc):
    await passes(bmc, 1, left_behind)
    bmc.machine.reset("ForceOff")
    await passes(bmc, 3, left_behind)
    assert resets(bmc) == [("127.77.1.1", "On")]
    assert bmc.machine.power == "On"


async def test_a_first_look_without_a_record_only_records(network, bmc):
    nodes = [NODE | {"driver_info": bmc.driver_info, "power_state": None}]
    bmc.machine.reset("ForceOff")
    ironic = Ironic("source", address="127.77.1.1", credentials=None, network=network, speed=FAST, nodes=nodes)
    await ironic.start()
    await node_when(ironic, lambda node: node["power_state"] == "power off")
    await passes(bmc, 3, ironic)
    assert resets(bmc) == []
    await ironic.close()


async def test_after_three_vain_tries_the_node_is_given_up_and_the_power_recorded(left_behind, bmc):
    (remembered,) = [node.body for node in left_behind.database]
    for _ in range(4):
        bmc.machine.reset("ForceOff")
        # Looked at in the Ironic's own event loop, so that the server is off again before the next comparison finds it on.
        while not remembered["maintenance"] and (bmc.machine.power == "Off" or remembered["reservation"]):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    node = await node_when(left_behind, lambda node: node["maintenance"])
    assert (node["fault"], node["power_state"]) == ("power failure", "power off")
    assert resets(bmc) == [("127.77.1.1", "On")] * 3


async def test_nodes_in_maintenance_are_left_alone(left_behind, network, bmc):
    kept = left_behind.database.preload(NODE | {"name": "other", "driver_info": bmc.driver_info, "maintenance": True})
    kept.body["driver_info"] = bmc.driver_info | {"redfish_system_id": "/redfish/v1/Systems/none"}
    await passes(bmc, 2, left_behind)
    assert kept.body["last_error"] is None
    assert not [entry for entry in bmc.machine.requests if entry.path.endswith("/none")]


async def test_a_node_that_was_given_up_is_taken_back_when_its_bmc_answers(left_behind, bmc):
    bmc.users["admin"] = "changed"
    await node_when(left_behind, lambda node: node["fault"] == "power failure")
    bmc.users["admin"] = "password"
    node = await node_when(left_behind, lambda node: not node["maintenance"])
    assert (node["fault"], node["power_state"]) == (None, "power on")
