import asyncio

import pytest

from harness.emulated.apiserver import ApiServer
from harness.emulated.controllers.bmo.firmware import SCHEMA, Firmware
from harness.emulated.controllers.bmo.ironic_api import IronicApi
from harness.emulated.ironic import Ironic
from harness.emulated.kube.client import Client
from harness.emulated.kube.resources import FIRMWARE_COMPONENTS, FIRMWARE_SCHEMAS, FIRMWARE_SETTINGS, HOSTS
from harness.emulated.plan.network import EmulatedNetwork
from harness.emulated.seed import steady

NAMES = ("node-0", "node-1", "node-2", "node-3")


@pytest.fixture
async def ironic():
    network, nodes = EmulatedNetwork(), [{"name": name, "driver": "ipmi", "provision_state": "active"} for name in NAMES]
    ironic = Ironic("source", address="127.77.1.1", credentials=None, network=network, nodes=nodes)
    await ironic.start()
    async with IronicApi(ironic.url, None) as api:
        yield api
    await ironic.close()
    await network.stop()


@pytest.fixture
async def client():
    server = ApiServer("test")
    async with Client(await server.start(), server.token) as client:
        await steady.install(client, ("metal3",))
        yield client
    await server.stop()


async def registered(client, ironic, name):
    """The BareMetalHost of a node, as BMO has it when it was registered."""
    meta = {"name": name, "namespace": "metal3"}
    made = {"apiVersion": HOSTS.api_version, "kind": HOSTS.kind, "metadata": meta, "spec": {"online": True}}
    return await client.create(HOSTS, made) | {"status": {"provisioning": {"ID": (await ironic.node(name))["uuid"]}}}


async def listed(client, resource):
    return {each["metadata"]["name"]: each for each in (await client.list_all(resource, "metal3"))["items"]}


async def test_hosts_that_register_at_once_all_come_to_own_the_one_schema(client, ironic):
    hosts = [await registered(client, ironic, name) for name in NAMES]
    await asyncio.gather(*(Firmware(client, ironic).ensure(host) for host in hosts))

    schemas, settings = await listed(client, FIRMWARE_SCHEMAS), await listed(client, FIRMWARE_SETTINGS)
    owners = {owner["name"] for owner in schemas[SCHEMA]["metadata"]["ownerReferences"]}
    assert (list(schemas), owners) == ([SCHEMA], set(NAMES))
    assert all(each["status"]["schema"]["name"] == SCHEMA for each in settings.values())


async def test_what_was_interrupted_is_brought_to_its_end(client, ironic):
    host = await registered(client, ironic, NAMES[0])
    for resource, spec in ((FIRMWARE_SETTINGS, {"settings": {}}), (FIRMWARE_COMPONENTS, {"updates": []})):
        meta = {"name": NAMES[0], "namespace": "metal3"}
        await client.create(resource, {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": meta, "spec": spec})
    await Firmware(client, ironic).ensure(host)

    assert (await listed(client, FIRMWARE_SETTINGS))[NAMES[0]]["status"]["schema"]["name"] == SCHEMA
    assert (await listed(client, FIRMWARE_COMPONENTS))[NAMES[0]]["status"]["components"]
